// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/client.h"

#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "store/ldap/session.h"

namespace meerkat::ldap {
namespace {

// Directories and what is between us close connections on which nothing is said, some after a minute.
constexpr std::chrono::seconds keepalive_interval{30};

class Asked : public AwaitedCall {
 public:
  Asked() { may_repeat = true; }  // a search changes nothing, nor does a login
  virtual void ask(Session& session, SteadyTime until) = 0;

 protected:
  ~Asked() = default;
};

class AskedSearch final : public Asked {
 public:
  explicit AskedSearch(const Search& search) : search_(search) {}
  void ask(Session& session, SteadyTime until) override { found = session.search(search_, until); }
  Found found;

 private:
  const Search& search_;
};

class AskedBind final : public Asked {
 public:
  AskedBind(const std::string& dn, const std::string& password) : dn_(dn), password_(password) {}
  void ask(Session& session, SteadyTime until) override { right = session.bind(dn_, password_, until); }
  bool right = false;

 private:
  const std::string& dn_;
  const std::string& password_;
};

class LdapLink final : public Link {
 public:
  explicit LdapLink(const LdapConnection& settings) : session_(settings) {}

  void connect(SteadyTime until) override { session_.connect(until); }
  void close() noexcept override { session_.close(); }
  void serve(Call& call, CallSupply& more) override {
    std::exception_ptr refusal;
    try {
      static_cast<Asked&>(call).ask(session_, more.deadline(call));
    } catch (const Refused& refused) {
      refusal = refused.is_passing() ? std::make_exception_ptr(Unavailable{refused.what()}) : std::current_exception();
    }
    const auto [sent, received] = session_.traffic();
    more.count_traffic(sent, received);
    more.finish(call, std::move(refusal));
  }
  void keep_alive(SteadyTime until) override {
    try {
      session_.search({.base = "", .scope = SearchScope::base, .attributes = {"1.1"}}, until);
    } catch (const Refused&) {
      return;  // an answer as well
    }
  }
  int descriptor() const override { return session_.descriptor(); }
  void hears() override { session_.hears(); }

 private:
  Session session_;
};

PoolSettings pool_settings(std::string name, const LdapPoolOptions& options) {
  PoolSettings settings;
  settings.name = std::move(name);
  settings.options = options.pool;
  settings.keepalive_interval = keepalive_interval;
  const auto longest = options.connection.connect_interval;
  settings.back_off = {.first = std::min(settings.back_off.first, longest), .longest = longest};
  return settings;
}

}  // namespace

Client::Client(std::string name, const LdapPoolOptions& options)
    : connection_(options.connection),
      pool_(pool_settings(std::move(name), options), [this] { return std::make_unique<LdapLink>(connection_); }) {}

Task<Found> Client::search(Search search) {
  AskedSearch call{search};
  co_await pool_.perform(call);
  co_return std::move(call.found);
}

Task<bool> Client::bind(std::string dn, std::string password) {
  const WipedAtEnd wiped{password};
  if (dn.empty() || password.empty()) co_return false;
  AskedBind call{dn, password};
  co_await pool_.perform(call);
  co_return call.right;
}

std::shared_ptr<Client> open_ldap(std::string name, const LdapPoolOptions& options) {
  return std::make_shared<Client>(std::move(name), options);
}

}  // namespace meerkat::ldap
