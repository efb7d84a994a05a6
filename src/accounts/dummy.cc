// SPDX-License-Identifier: Apache-2.0
#include "accounts/dummy.h"

#include "accounts/unlisted.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "runtime/workers.h"

namespace meerkat {
namespace {

class DummyAccounts final : public UnlistedAccounts {
 public:
  explicit DummyAccounts(DummyAccountOptions options) : options_(options) {}

  Task<PasswordCheck> check_password(Jid, std::string password) override {
    wipe(password);
    co_await sleep_for(options_.base_time + some_of(options_.variance));
    co_return PasswordCheck::right;
  }
  Task<bool> exists(Jid) override { co_return true; }
  bool knows_everybody() const override { return true; }

 private:
  static std::chrono::milliseconds some_of(std::chrono::milliseconds most) {
    return std::chrono::milliseconds{random_u64() % static_cast<std::uint64_t>(most.count())};
  }

  const DummyAccountOptions options_;
};

}  // namespace

config::Section<DummyAccountOptions> dummy_accounts_section() {
  using namespace config;
  using O = DummyAccountOptions;
  return Section<O>{"auth.dummy", "Every name may log in with every password: for load tests, never for people."}
      .option("base_time", &O::base_time, "How long a login takes at least.",
              between(std::chrono::milliseconds{0}, std::chrono::milliseconds{60'000}), needs_restart)
      .option("variance", &O::variance, "Up to how much longer it takes, by chance.",
              between(std::chrono::milliseconds{1}, std::chrono::milliseconds{60'000}), needs_restart);
}

std::unique_ptr<Accounts> make_dummy_accounts(DummyAccountOptions options) {
  log_warning("everybody_may_log_in", {{"method", "dummy"}, {"why", "[auth.dummy] accepts every password"}});
  return std::make_unique<DummyAccounts>(options);
}

}  // namespace meerkat
