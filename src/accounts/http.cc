// SPDX-License-Identifier: Apache-2.0
#include "accounts/http.h"

#include <atomic>
#include <string_view>
#include <utility>

#include "accounts/refusal_time.h"
#include "accounts/unlisted.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/trouble.h"
#include "store/http/form.h"
#include "store/pool/unavailable.h"
#include "xmpp/scram_text.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

using http::Method;
using http::Response;

// A password, or keys for five hashes: some 700 bytes.
constexpr std::size_t longest_answer = 64UL * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Keys in MongooseIM's words, whether or not they can be read: never a password.
bool is_meant_as_keys(std::string_view text) {
  return text.starts_with("==MULTI_SCRAM==,") || text.starts_with("==SCRAM==,");
}

bool is_yes(const Response& response) { return response.status == 200 && trimmed(response.body) == "true"; }

class HttpAccounts final : public UnlistedAccounts {
 public:
  HttpAccounts(http::Service& service, BlockingPool& hashing, std::shared_ptr<const InternalAccountRules> rules,
               const HttpAccountOptions& options)
      : service_(service), hashing_(hashing), rules_(std::move(rules)), secret_(random_bytes(32)) {
    if (options.basic_auth) authorization_ = "Basic " + base64(*options.basic_auth);
  }

  Task<std::optional<Credentials>> find(Jid user) override {
    Response kept = co_await ask(Method::get, "get_password", user, {});
    const WipedAtEnd wiped{kept.body};
    const bool known = kept.status == 200;
    Credentials credentials;
    if (known) {
      if (auto keys = scram_keys_from_text(trimmed(kept.body))) {
        gives_.store(Gives::keys, std::memory_order_relaxed);
        credentials.scram = std::move(*keys);
        co_return credentials;
      }
      if (is_meant_as_keys(trimmed(kept.body))) {
        log_error("http_account_unreadable", {{"user", user.text()}, {"why", "its SCRAM keys cannot be read"}});
        co_return std::nullopt;
      }
      gives_.store(Gives::passwords, std::memory_order_relaxed);
    } else if (gives_.load(std::memory_order_relaxed) != Gives::passwords) {
      co_return std::nullopt;
    }
    // Who does not exist costs a derivation where known users do: the time must not tell.
    std::optional<std::string> prepared = saslprep(known ? trimmed(kept.body) : user.node(), Unassigned::allowed);
    if (!prepared) co_return std::nullopt;
    const WipedAtEnd prepared_wiped{*prepared};
    credentials.scram = co_await hashing_.run([&] { return derive(*prepared, &user); });
    if (!known) co_return std::nullopt;
    co_return credentials;
  }

  Task<PasswordCheck> check_password(Jid user, std::string password) override {
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    wipe(password);
    if (!prepared) co_return PasswordCheck::wrong;
    const WipedAtEnd wiped{*prepared};
    if (keeps_keys()) {
      const std::optional<PasswordCheck> compared = co_await compare(user, *prepared);
      if (compared) co_return *compared;
    }
    const SteadyTime began = RefusalTime::now();
    const Response checked = co_await ask(Method::get, "check_password", user, *prepared);
    if (is_yes(checked)) co_return PasswordCheck::right;
    const Response exists = co_await ask(Method::get, "user_exists", user, {});
    if (is_yes(exists))
      refusal_time_.took_since(began);
    else
      co_await refusal_time_.pass(began);
    co_return is_yes(exists) ? PasswordCheck::wrong : PasswordCheck::no_such_account;
  }

  Task<bool> exists(Jid user) override {
    const Response answer = co_await ask(Method::get, "user_exists", user, {});
    co_return is_yes(answer);
  }

  Task<Registration> register_account(Jid user, std::string password) override {
    if (!user.has_node()) co_return Registration::not_allowed;
    std::optional<std::string> kept = co_await kept_form(std::move(password));
    if (!kept) co_return Registration::bad_password;
    const WipedAtEnd wiped{*kept};
    const Response answer = co_await ask(Method::post, "register", user, *kept);
    if (answer.is_good()) co_return Registration::done;
    co_return answer.status == 409 ? Registration::exists : Registration::not_allowed;
  }

  Task<PasswordChange> change_password(Jid user, std::string password) override {
    std::optional<std::string> kept = co_await kept_form(std::move(password));
    if (!kept) co_return PasswordChange::bad_password;
    const WipedAtEnd wiped{*kept};
    const Response answer = co_await ask(Method::post, "set_password", user, *kept);
    if (answer.is_good()) co_return PasswordChange::done;
    co_return answer.status == 404 ? PasswordChange::no_such_account : PasswordChange::not_allowed;
  }

  Task<bool> remove(Jid user) override {
    const Response answer = co_await ask(Method::post, "remove_user", user, {});
    co_return answer.is_good();
  }

  bool can_register() const override { return true; }
  std::vector<ScramHash> scram_hashes() const override {
    return keeps_keys() ? rules_->now()->hashes : std::vector<ScramHash>{};
  }
  std::uint32_t scram_iterations() const override { return rules_->now()->scram_iterations; }

 private:
  bool keeps_keys() const { return rules_->now()->format == InternalAccountOptions::Format::scram; }

  // What the service has been seen to answer to get_password.
  enum class Gives : std::uint8_t { nothing, passwords, keys };

  // Whether this is the password of the keys that the service keeps; nothing when it gives out neither.
  Task<std::optional<PasswordCheck>> compare(Jid user, std::string prepared) {
    const WipedAtEnd wiped{prepared};
    Response kept = co_await ask(Method::get, "get_password", user, {});
    const WipedAtEnd kept_wiped{kept.body};
    if (kept.status != 200) {
      const Gives gives = gives_.load(std::memory_order_relaxed);
      if (kept.status != 404 || gives == Gives::nothing) co_return std::nullopt;
      // Whoever does not exist costs as much time as whoever does, or the time would tell.
      if (gives == Gives::keys) co_await matches(keys_of_nobody(user), prepared);
      co_return PasswordCheck::no_such_account;
    }
    bool right = false;
    if (const auto keys = scram_keys_from_text(trimmed(kept.body))) {
      gives_.store(Gives::keys, std::memory_order_relaxed);
      right = co_await matches(keys->front(), prepared);
    } else if (!is_meant_as_keys(trimmed(kept.body))) {
      gives_.store(Gives::passwords, std::memory_order_relaxed);
      std::optional<std::string> theirs = saslprep(trimmed(kept.body), Unassigned::allowed);
      right = theirs && equal_in_constant_time(*theirs, prepared);
      if (theirs) wipe(*theirs);
    }
    co_return right ? PasswordCheck::right : PasswordCheck::wrong;
  }

  ScramKeys keys_of_nobody(const Jid& user) const {
    const auto options = rules_->now();
    return fake_keys(options->hashes.front(), user.bare_text(), secret_, options->scram_iterations);
  }
  // Keys and password outlive the task.
  Task<bool> matches(const ScramKeys& keys, const std::string& prepared) {
    co_return co_await hashing_.run([&] { return password_matches(keys, prepared); });
  }

  // Hashing pool only. For a user the salt is the same each time, as it is for those who do not exist.
  std::vector<ScramKeys> derive(std::string_view prepared, const Jid* user) const {
    const auto options = rules_->now();
    std::vector<ScramKeys> keys;
    keys.reserve(options->hashes.size());
    for (const ScramHash hash : options->hashes) {
      const std::string salt = user != nullptr
                                   ? fake_keys(hash, user->bare_text(), secret_, options->scram_iterations).salt
                                   : random_bytes(scram_salt_size);
      keys.push_back(derive_scram_keys(hash, prepared, salt, options->scram_iterations));
    }
    return keys;
  }

  // What the service is given to keep; nothing when the password is none.
  Task<std::optional<std::string>> kept_form(std::string password) {
    std::optional<std::string> prepared = saslprep(password, Unassigned::allowed);
    wipe(password);
    if (!prepared || !keeps_keys()) co_return prepared;
    const WipedAtEnd wiped{*prepared};
    co_return co_await hashing_.run([&] { return to_text(derive(*prepared, nullptr)); });
  }

  // Throws when the service fails.
  Task<Response> ask(Method method, std::string_view operation, Jid user, std::string password) {
    const WipedAtEnd wiped{password};
    std::string fields = http::form({{"user", user.node()}, {"server", user.domain()}, {"pass", password}});
    if (password.empty()) fields = http::form({{"user", user.node()}, {"server", user.domain()}});
    const WipedAtEnd fields_wiped{fields};
    http::Request request{.method = method, .path = std::string{operation}};
    request.is_secret = true;
    if (method == Method::get) {
      request.path.reserve(request.path.size() + 1 + fields.size());
      request.path.append("?").append(fields);
    } else {
      request.body = std::move(fields);
      request.content_type = http::form_type;
    }
    if (!authorization_.empty()) request.headers.push_back({"Authorization", authorization_});
    request.most_bytes = longest_answer;
    Response response = co_await service_.request(std::move(request));
    if (response.status >= 500)
      throw Unavailable{"the account service answers " + std::to_string(response.status) + " to " +
                        std::string{operation}};
    note(operation, response.status);
    co_return response;
  }

  // A service that does not let us ask looks like one where every password is wrong.
  void note(std::string_view operation, int status) {
    if (status == 401) {
      if (trouble_.begins())
        log_error("account_service_refuses",
                  {{"operation", operation}, {"status", status}, {"see", "auth.http.basic_auth"}});
    } else if (const auto refused = trouble_.ends()) {
      log_notice("account_service_lets_us_ask", {{"refused", *refused}});
    }
  }

  http::Service& service_;
  BlockingPool& hashing_;
  const std::shared_ptr<const InternalAccountRules> rules_;
  const std::string secret_;
  std::string authorization_;
  std::atomic<Gives> gives_{Gives::nothing};
  RefusalTime refusal_time_;
  Trouble trouble_;
};

}  // namespace

config::Section<HttpAccountOptions> http_accounts_section() {
  using namespace config;
  using O = HttpAccountOptions;
  return Section<O>{"auth.http", "Accounts that a web service knows: the one of [outgoing_pools.http.auth]."}.option(
      "basic_auth", &O::basic_auth, "How we log in at the service: \"user:password\".", secret, needs_restart,
      must_be("\"user:password\"", [](std::string_view text) { return text.contains(':'); }));
}

std::unique_ptr<Accounts> make_http_accounts(http::Service& service, BlockingPool& hashing,
                                             std::shared_ptr<const InternalAccountRules> rules,
                                             const HttpAccountOptions& options) {
  return std::make_unique<HttpAccounts>(service, hashing, std::move(rules), options);
}

}  // namespace meerkat
