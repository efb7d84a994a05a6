// SPDX-License-Identifier: Apache-2.0
#include "core/shaper.h"

#include <algorithm>

namespace meerkat {

void TokenBucket::fill(SteadyTime now) {
  if (now <= at_) return;
  const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - at_).count();
  at_ = now;
  tokens_ = std::min(start(rate_), tokens_ + static_cast<Count>(rate_) * passed);
}

void TokenBucket::take(std::uint64_t count, SteadyTime now) {
  fill(now);
  tokens_ -= static_cast<Count>(count) * one;
}

bool TokenBucket::try_take(SteadyTime now) {
  if (left(now) == 0) return false;
  tokens_ -= one;
  return true;
}

std::uint64_t TokenBucket::left(SteadyTime now) {
  fill(now);
  return tokens_ < one ? 0 : static_cast<std::uint64_t>(tokens_ / one);
}

std::chrono::nanoseconds TokenBucket::until(std::uint64_t count, SteadyTime now) {
  fill(now);
  const Count missing = std::min(static_cast<Count>(count), static_cast<Count>(rate_)) * one - tokens_;
  if (missing <= 0) return {};
  constexpr Count longest = std::chrono::nanoseconds{std::chrono::hours{24}}.count();
  const Count wait = rate_ == 0 ? longest : (missing + rate_ - 1) / rate_;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(wait, longest))};
}

void TokenBucket::set_rate(std::uint64_t per_second, SteadyTime now) {
  fill(now);
  rate_ = per_second;
  tokens_ = std::min(tokens_, start(rate_));
}

std::shared_ptr<TokenBucket> Shapers::of_account(const Jid& account, std::uint64_t rate, SteadyTime now) {
  if (accounts_.size() >= look_again_at_) forget_unused();
  std::weak_ptr<TokenBucket>& kept = accounts_[account.bare()];
  std::shared_ptr<TokenBucket> bucket = kept.lock();
  if (bucket)
    bucket->set_rate(rate, now);
  else
    kept = bucket = std::make_shared<TokenBucket>(rate, now);
  return bucket;
}

// Each time the table has doubled, so that an entry costs two looks on average.
void Shapers::forget_unused() {
  std::erase_if(accounts_, [](const auto& entry) { return entry.second.expired(); });
  look_again_at_ = std::max<std::size_t>(64, 2 * accounts_.size());
}

config::Section<ShaperSettings> shaper_section() {
  using namespace config;
  using S = ShaperSettings;
  return Section<S>{"shaper", "How much may come in a second; listeners and features refer to it by name."}
      .option("max_rate", &S::max_rate,
              "Bytes per second of one connection, where a listener names this shaper; operations per second "
              "elsewhere. What one second brings may come at once; a client that sends more is read more slowly, and "
              "nothing of it is lost.",
              mandatory, at_least(1), unit("bytes or operations per second"), example("10000"))
      .option("per_account_rate", &S::per_account_rate,
              "Bytes per second of all connections of an account together, in addition to max_rate. Meerkat's own.",
              at_least(1), unit("bytes per second"), example("20000"));
}

}  // namespace meerkat
