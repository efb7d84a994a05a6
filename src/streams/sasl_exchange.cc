// SPDX-License-Identifier: Apache-2.0
#include "streams/sasl_exchange.h"

#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "core/accounts_unsettled.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "store/sql/errors.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

bool has_hash(const Accounts& accounts, ScramHash hash) {
  const std::vector<ScramHash> hashes = accounts.scram_hashes();
  return std::ranges::find(hashes, hash) != hashes.end();
}

bool is_allowed(AuthMethod method, const C2sOptions& options) {
  const auto& allowed = options.allowed_auth_methods;
  return !allowed || std::ranges::find(*allowed, method) != allowed->end();
}

// Whether any method may be used here that serves the mechanism, as far as that depends on the operator.
bool has_method_for(SaslMechanism mechanism, const LoginOffer& login, const C2sOptions& options) {
  return std::ranges::any_of(login.methods, [&](AuthMethod method) {
    return (method == AuthMethod::anonymous) == (mechanism == SaslMechanism::anonymous) && is_allowed(method, options);
  });
}

// Those that this listener asks.
Accounts& accounts_at(Accounts& all, const C2sOptions& options) {
  return options.allowed_auth_methods ? all.only(*options.allowed_auth_methods) : all;
}

bool offers_plain(const LoginOffer& login, const Accounts& accounts, bool secured) {
  return accounts.checks_passwords() && (secured || login.plain_without_tls);
}

bool can_be_offered(SaslMechanism mechanism, const LoginOffer& login, const Accounts& accounts, bool secured,
                    const ChannelBinding& binding, bool has_client_certificate) {
  if (const auto hash = scram_hash_of(mechanism)) {
    if (!has_hash(accounts, *hash)) return false;
    // Whoever has no keys would choose it all the same, and not PLAIN.
    if (offers_plain(login, accounts, secured) && !login.scram_for_some && !accounts.keeps_keys_of_all()) return false;
    return !binds_channel(mechanism) || !binding.tls_exporter.empty() || !binding.tls_server_end_point.empty();
  }
  switch (mechanism) {
    case SaslMechanism::plain:
      return offers_plain(login, accounts, secured);
    case SaslMechanism::external:
      return has_client_certificate && accounts.accepts_certificates();
    default:
      return mechanism == SaslMechanism::anonymous;
  }
}

using Named = std::expected<Jid, SaslFailure>;

// XEP-0178 §2: the address in the certificate, or the one the client chose among several.
Named addressed(const PeerCertificate& certificate, std::string_view wish, const HostType& host) {
  std::vector<Jid> named;
  for (const std::string& address : certificate.xmpp_addrs) {
    auto jid = Jid::parse(address);
    if (jid && jid->has_node() && jid->domain() == host.name) named.push_back(jid->bare());
  }
  if (wish.empty()) {
    if (named.size() != 1) return std::unexpected(SaslFailure::invalid_authzid);
    return named.front();
  }
  const auto wanted = Jid::parse(wish);
  if (!wanted || std::ranges::find(named, *wanted) == named.end()) return std::unexpected(SaslFailure::invalid_authzid);
  return *wanted;
}

// Whoever the client says, within this domain: a bare name will do.
Named wished_for(std::string_view wish, const HostType& host) {
  const auto wanted = wish.contains('@') ? Jid::parse(wish) : Jid::make(wish, host.name);
  if (!wanted || !wanted->has_node() || wanted->domain() != host.name || !wanted->resource().empty())
    return std::unexpected(SaslFailure::invalid_authzid);
  return *wanted;
}

// The account of the certificate's common name.
Named commonly_named(const PeerCertificate& certificate, std::string_view wish, const HostType& host) {
  if (certificate.common_names.size() != 1) return std::unexpected(SaslFailure::not_authorized);
  const auto named = Jid::make(
      host.login.common_name_prefix + certificate.common_names.front() + host.login.common_name_suffix, host.name);
  if (!named || !named->has_node()) return std::unexpected(SaslFailure::not_authorized);
  if (wish.empty()) return *named;
  const Named wanted = wished_for(wish, host);
  if (!wanted || *wanted != *named) return std::unexpected(SaslFailure::invalid_authzid);
  return *named;
}

// The first way that gives a name; a certificate with addresses is taken at those.
Named certified(const PeerCertificate& certificate, std::string_view wish, const HostType& host) {
  Named named = std::unexpected(SaslFailure::not_authorized);
  for (const ExternalName way : host.login.external) {
    const bool is_standard = way == ExternalName::standard;
    if (!is_standard && !certificate.xmpp_addrs.empty()) continue;
    named = is_standard                        ? addressed(certificate, wish, host)
            : way == ExternalName::common_name ? commonly_named(certificate, wish, host)
                                               : wished_for(wish, host);
    if (named) break;
  }
  return named;
}

std::optional<std::string> secret_from_base64(std::string_view text) {
  auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  std::string secret = secret_text(*bytes);
  wipe(*bytes);
  return secret;
}

}  // namespace

std::vector<SaslMechanism> offered_mechanisms(const LoginOffer& login, const C2sOptions& options,
                                              Accounts& all_accounts, bool secured, const ChannelBinding& binding,
                                              bool has_client_certificate) {
  const Accounts& accounts = accounts_at(all_accounts, options);
  std::vector<SaslMechanism> offered;
  for (const SaslMechanism mechanism : login.mechanisms)
    if (has_method_for(mechanism, login, options) &&
        can_be_offered(mechanism, login, accounts, secured, binding, has_client_certificate))
      offered.push_back(mechanism);
  return offered;
}

const HostCounts& SaslExchange::counts() const { return *negotiation_.host_->counts; }

Accounts& SaslExchange::asked() const { return accounts_at(negotiation_.host_->accounts, stream_.options_); }

Task<std::expected<Jid, SaslFailure>> SaslExchange::run(xml::Element auth) {
  try {
    Outcome user = co_await exchange(auth);
    judge(user);
    if (!user || negotiation_.anonymous_) co_return user;
    // Only who has proven to be the user learns of it.
    const bool banned = co_await negotiation_.host_->accounts.is_banned(*user);
    if (!banned) co_return user;
    counts().banned_refused.add();
    log_info("login_of_banned_account", {{"user", user->bare_text()}});
    co_return std::unexpected(SaslFailure::account_disabled);
    // When the accounts cannot be asked the client may try again, here or later. Database and accounts say once that
    // they are in trouble; here it would be once per attempt.
  } catch (const sql::Unavailable& failure) {
    log_debug("authentication_unavailable", {{"error", failure.what()}});
  } catch (const AccountsBusy&) {
    co_return std::unexpected(too_busy());
  } catch (const AccountsUnsettled& failure) {
    judge(std::unexpected(SaslFailure::not_authorized));
    log_debug("authentication_unavailable", {{"error", failure.what()}});
  } catch (const std::exception& failure) {
    log_warning("authentication_unavailable", {{"error", failure.what()}});
  }
  co_return std::unexpected(SaslFailure::temporary_auth_failure);
}

Task<std::expected<Jid, SaslFailure>> SaslExchange::exchange(xml::Element auth) {
  const auto name = auth.attr("mechanism");
  const auto mechanism = name ? sasl_mechanism(name->str()) : std::nullopt;
  if (!mechanism || std::ranges::find(negotiation_.offered_, *mechanism) == negotiation_.offered_.end()) {
    const bool needs_tls = mechanism == SaslMechanism::plain && !negotiation_.is_secured();
    co_return std::unexpected(needs_tls ? SaslFailure::encryption_required : SaslFailure::invalid_mechanism);
  }
  // XEP-0175: nothing needs to be said.
  if (*mechanism == SaslMechanism::anonymous) {
    negotiation_.anonymous_ = true;
    co_return anonymous();
  }
  // RFC 6120 §6.4.2: no text means no initial response, "=" means an empty one.
  std::string text = auth.text();
  const WipedAtEnd text_wiped{text};
  std::optional<std::string> initial;
  if (!text.empty()) {
    initial = text == "=" ? std::optional<std::string>{""} : secret_from_base64(text);
    if (!initial) co_return std::unexpected(SaslFailure::incorrect_encoding);
  }
  Message message = co_await initial_message(std::move(initial));
  if (!message) co_return std::unexpected(message.error());
  switch (*mechanism) {
    case SaslMechanism::plain:
      co_return co_await plain(std::move(*message));
    case SaslMechanism::external:
      co_return co_await external(std::move(*message));
    default:
      co_return co_await scram(*mechanism, std::move(*message));
  }
}

Task<SaslExchange::Message> SaslExchange::initial_message(std::optional<std::string> initial) {
  if (initial) co_return std::move(*initial);
  co_return co_await next_message({});
}

// Sends a challenge and waits for the client's <response/>.
Task<SaslExchange::Message> SaslExchange::next_message(std::string challenge) {
  negotiation_.write(challenge.empty()
                         ? "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
                         : "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + base64(challenge) + "</challenge>");
  const xml::Element element = co_await negotiation_.next_element();
  if (element.is("abort", ns::sasl)) co_return std::unexpected(SaslFailure::aborted);
  if (!element.is("response", ns::sasl)) co_return std::unexpected(SaslFailure::malformed_request);
  std::string text = element.text();
  const WipedAtEnd text_wiped{text};
  if (text == "=") co_return std::string{};
  auto bytes = secret_from_base64(text);
  if (!bytes) co_return std::unexpected(SaslFailure::incorrect_encoding);
  co_return std::move(*bytes);
}

// The account behind a user name of SASL; authorization as anybody else is refused (RFC 6120 §6.3.8).
SaslExchange::Outcome SaslExchange::user_of(std::string_view name, std::string_view authzid) const {
  const auto user = Jid::make(name, negotiation_.host_->name);
  if (!user) return std::unexpected(SaslFailure::not_authorized);
  if (!authzid.empty()) {
    const auto wanted = Jid::parse(authzid);
    if (!wanted || *wanted != *user) return std::unexpected(SaslFailure::invalid_authzid);
  }
  if (negotiation_.claimed_from_ && !negotiation_.claimed_from_.same_bare(*user))
    return std::unexpected(SaslFailure::not_authorized);
  return *user;
}

Task<SaslExchange::Outcome> SaslExchange::scram(SaslMechanism mechanism, std::string message) {
  const bool plus_offered = std::ranges::any_of(negotiation_.offered_, binds_channel);
  const ScramHash hash = *scram_hash_of(mechanism);
  ScramServer server{hash, binds_channel(mechanism), plus_offered,
                     negotiation_.is_secured() ? &negotiation_.binding_ : nullptr};
  const auto first = server.client_first(message);
  if (!first) co_return std::unexpected(first.error());
  const Outcome user = user_of(first->user, first->authzid);
  if (!user && user.error() == SaslFailure::invalid_authzid) co_return user;

  const auto refused = co_await wait_for_turn(user ? std::string{user->bare_text()} : first->user);
  if (refused) co_return std::unexpected(*refused);

  Accounts& accounts = asked();
  std::optional<ScramKeys> keys;
  if (user) {
    const auto login = negotiation_.hall().limits->begin_login();
    if (!login) co_return std::unexpected(too_busy());
    const std::optional<Credentials> credentials = co_await counts().authorize(accounts.find(*user));
    if (credentials)
      for (const ScramKeys& kept : credentials->scram)
        if (kept.hash == hash) keys = kept;
  }
  // Strangers are played along with, so that nobody learns who has an account (RFC 5802 §9).
  if (!keys)
    keys = fake_keys(hash, user ? user->bare_text() : std::string_view{first->user}, stream_.options_.fake_salt_secret,
                     accounts.scram_iterations());
  const Message last = co_await next_message(server.server_first(std::move(*keys)));
  if (!last) co_return std::unexpected(last.error());
  // Others may have guessed meanwhile, on connections beside this one.
  const LoginThrottle& throttle = negotiation_.hall().limits->logins;
  if (const auto late = refusal_of(throttle.ask(*attempt_, negotiation_.now()))) co_return std::unexpected(*late);
  guessed_ = true;
  const auto proven = server.client_final(*last);
  if (!proven) co_return std::unexpected(proven.error());
  success_data_ = base64(*proven);
  co_return user;
}

Task<SaslExchange::Outcome> SaslExchange::plain(std::string message) {
  const WipedAtEnd message_wiped{message};
  const auto parts = parse_plain(message);
  if (!parts) co_return std::unexpected(parts.error());
  const Outcome user = user_of(parts->user, parts->authzid);
  const auto refused = co_await wait_for_turn(user ? std::string{user->bare_text()} : std::string{"?"});
  if (refused) co_return std::unexpected(*refused);
  if (!user) co_return user;
  const auto login = negotiation_.hall().limits->begin_login();
  if (!login) co_return std::unexpected(too_busy());
  std::string password = secret_text(parts->password);
  guessed_ = true;
  const PasswordCheck check = co_await counts().authorize(asked().check_password(*user, std::move(password)));
  if (check != PasswordCheck::right) co_return std::unexpected(SaslFailure::not_authorized);
  co_return user;
}

// Nothing when the password may be looked at; the client may have been made to wait for that.
Task<std::optional<SaslFailure>> SaslExchange::wait_for_turn(std::string account) {
  Limits& limits = *negotiation_.hall().limits;
  attempt_ = limits.logins.attempt(stream_.peer().ip, account);
  const LoginThrottle::Answer answer = limits.logins.ask(*attempt_, negotiation_.now());
  if (const auto refused = refusal_of(answer)) co_return refused;
  if (answer.wait.count() == 0) co_return std::nullopt;
  limits.refusals.count(Refusal::login_delayed);
  negotiation_.give_time(answer.wait);
  co_await sleep_for(answer.wait);
  if (negotiation_.is_gone()) throw Negotiation::Gone{};
  // Many may have waited at once.
  co_return refusal_of(limits.logins.ask(*attempt_, negotiation_.now()));
}

std::optional<SaslFailure> SaslExchange::refusal_of(const LoginThrottle::Answer& answer) {
  if (answer.verdict == LoginThrottle::Verdict::go) return std::nullopt;
  const bool of_account = answer.verdict == LoginThrottle::Verdict::account_refused;
  negotiation_.hall().limits->refusals.count(of_account ? Refusal::login_account : Refusal::login_address);
  return come_back(std::chrono::ceil<std::chrono::seconds>(answer.wait), "Too many logins have failed");
}

SaslFailure SaslExchange::come_back(std::chrono::seconds after, std::string_view why) {
  explanation_ = std::string{why} + "; try again in " + std::to_string(after.count()) + " seconds";
  return SaslFailure::temporary_auth_failure;
}

// Those who were turned away should not all come back at once.
SaslFailure SaslExchange::too_busy() {
  negotiation_.hall().limits->refusals.count(Refusal::logins_busy);
  return come_back(std::chrono::seconds{5 + random_u64() % 30}, "Too many log in at the moment");
}

void SaslExchange::judge(const Outcome& outcome) {
  if (!guessed_ || !attempt_) return;
  LoginThrottle& throttle = negotiation_.hall().limits->logins;
  if (outcome)
    throttle.succeeded(*attempt_, negotiation_.now());
  else if (outcome.error() == SaslFailure::not_authorized)
    throttle.failed(*attempt_, negotiation_.now());
}

Task<SaslExchange::Outcome> SaslExchange::external(std::string message) {
  const PeerCertificate certificate = stream_.connection_.tls()->peer();
  if (!certificate.verified) co_return std::unexpected(SaslFailure::not_authorized);
  const Outcome user = certified(certificate, message, *negotiation_.host_);
  if (!user) co_return user;
  const bool accepted = co_await counts().authorize(asked().accepts_certificate(*user));
  if (!accepted) co_return std::unexpected(SaslFailure::not_authorized);
  co_return *user;
}

// RFC 4505, XEP-0175: a name nobody has, and nobody will have again.
SaslExchange::Outcome SaslExchange::anonymous() { return *Jid::make(random_token(), negotiation_.host_->name); }

}  // namespace meerkat
