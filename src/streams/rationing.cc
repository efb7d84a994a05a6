// SPDX-License-Identifier: Apache-2.0
#include "streams/rationing.h"

#include <algorithm>

#include "core/hall.h"

namespace meerkat {
namespace {

// Reading goes on when there is an eighth of a second's worth, but not for less than this, nor only for more.
constexpr std::uint64_t least_portion = 64;
constexpr std::uint64_t most_portion = 16 * 1024;

std::uint64_t portion_of(std::uint64_t rate) {
  return std::min(rate, std::clamp(rate / 8, least_portion, most_portion));
}

void set_rate(std::optional<TokenBucket>& bucket, std::uint64_t rate, SteadyTime now) {
  if (bucket)
    bucket->set_rate(rate, now);
  else
    bucket.emplace(rate, now);
}

}  // namespace

Rationing::Rationing(Hall& hall, const Session& session, std::string name)
    : hall_(hall), session_(session), name_(std::move(name)) {
  look_up();
}

Rationing::~Rationing() = default;

// The shaper of that name, or the one that the access rule of that name gives to this user.
const ShaperSettings* Rationing::settings() const {
  const auto named = table_->find(name_);
  if (named != table_->end()) return &named->second;
  const auto word = rules_->word(name_, session_.jid);
  if (!word) return nullptr;
  const auto given = table_->find(std::string{*word});
  return given != table_->end() ? &given->second : nullptr;
}

void Rationing::look_up() {
  if (table_ == hall_.shapers.table && rules_ == session_.host.access) return;
  table_ = hall_.shapers.table;
  rules_ = session_.host.access;
  const ShaperSettings* const found = settings();
  if (found == nullptr) {
    own_.reset();
    shared_.reset();
    return;
  }
  const SteadyTime now = hall_.worker.clock().steady();
  set_rate(own_, found->max_rate, now);
  portion_ = portion_of(found->max_rate);
  if (!found->per_account_rate) return shared_.reset();
  shared_ = hall_.shapers.of_account(session_.jid, *found->per_account_rate, now);
  portion_ = std::min(portion_, portion_of(*found->per_account_rate));
}

std::chrono::nanoseconds Rationing::take(std::size_t bytes) {
  look_up();
  const SteadyTime now = hall_.worker.clock().steady();
  if (own_) own_->take(bytes, now);
  if (shared_) shared_->take(bytes, now);
  return wait();
}

std::optional<std::size_t> Rationing::at_most() {
  if (!own_) return std::nullopt;
  const SteadyTime now = hall_.worker.clock().steady();
  const std::uint64_t left = shared_ ? std::min(own_->left(now), shared_->left(now)) : own_->left(now);
  return std::clamp<std::uint64_t>(left, 1, portion_);
}

std::chrono::nanoseconds Rationing::wait() {
  look_up();
  const SteadyTime now = hall_.worker.clock().steady();
  const auto own = own_ ? own_->until(portion_, now) : std::chrono::nanoseconds{0};
  return shared_ ? std::max(own, shared_->until(portion_, now)) : own;
}

}  // namespace meerkat
