// SPDX-License-Identifier: Apache-2.0
#include "modules/register/register.h"

#include <iterator>

#include "base/log.h"
#include "base/secret.h"
#include "core/account_end.h"
#include "core/events/account_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/iq_processing.h"
#include "modules/register/ip_access.h"
#include "modules/register/password_strength.h"
#include "xmpp/date_time.h"

namespace meerkat {
namespace {

struct WelcomeMessage {
  std::string subject, body;
};

struct RegisterOptions {
  std::string access = "all";
  WelcomeMessage welcome_message;
  std::vector<std::string> registration_watchers;
  std::uint32_t password_strength = 0;
  std::vector<IpRule> ip_access;
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// What somebody filled in.
struct Wish {
  explicit Wish(const xml::Element& query)
      : username(text_of(query, "username")),
        password(secret_of(query, "password")),
        removes(query.child("remove", ns::register_).has_value()),
        fields(static_cast<std::size_t>(std::ranges::distance(query.children().begin(), query.children().end()))) {}

  ~Wish() {
    if (password) wipe(*password);
  }
  Wish(Wish&&) = default;
  Wish& operator=(Wish&&) = delete;

  std::optional<std::string> username, password;
  bool removes;
  std::size_t fields;

 private:
  static std::optional<std::string> text_of(const xml::Element& query, std::string_view name) {
    const auto field = query.child(name, ns::register_);
    return field ? std::optional{field->text()} : std::nullopt;
  }
  static std::optional<std::string> secret_of(const xml::Element& query, std::string_view name) {
    auto text = text_of(query, name);
    if (!text) return std::nullopt;
    std::string secret = secret_text(*text);
    wipe(*text);
    return secret;
  }
};

xml::Builder empty_form() {
  return xml::Builder("query", ns::register_)
      .child(xml::Builder("instructions").text("Choose a username and password to register with this server."))
      .child(xml::Builder("username"))
      .child(xml::Builder("password"));
}

// Handlers of accounts are asked where the account lives, and then we are back.
Task<> tell_of_new_account(HostType& here, Jid user) {
  if (here.hooks.chain<AccountRegistered>().empty()) co_return;
  Hall& home = here.hall.at_home_of(user);
  co_await hop_to(home.worker);
  AccountRegistered event{home.twin_of(here.number), user};
  [[maybe_unused]] const Verdict verdict = co_await event.host.run(event);
  co_await hop_to(here.hall.worker);
}

class Register final : public Module {
 public:
  Register(HostType& host, std::shared_ptr<const RegisterOptions> options)
      : host_(host), options_(std::move(options)), own_address_(*Jid::make({}, host.name)) {
    host.hooks.on<&Register::features_wanted>(*this);
    host.hooks.on<&Register::stranger_asked>(*this);
    host.iqs.on_get<&Register::asked>(*this, ns::register_, IqTarget::server, options_->iqdisc);
    host.iqs.on_set<&Register::set>(*this, ns::register_, IqTarget::server, options_->iqdisc);
    host.iqs.on_get<&Register::asked>(*this, ns::register_, IqTarget::account, options_->iqdisc);
    host.iqs.on_set<&Register::set>(*this, ns::register_, IqTarget::account, options_->iqdisc);
  }

  // XEP-0077 §8.
  Verdict features_wanted(StreamFeatures& event) {
    if (!event.authenticated && host_.accounts.can_register())
      xml::Builder("register", ns::register_feature).append_to(event.features);
    return Verdict::next();
  }

  Answer<Verdict> stranger_asked(StrangerAsks& event) {
    const IqRequest& request = event.request;
    if (!request.query.is("query", ns::register_)) return Verdict::next();
    if (request.is_set()) {
      if (request.stanza.body) request.stanza.body->hold_secret();
      return answer_stranger(event, Wish{request.query});
    }
    event.reply = empty_form();
    return Verdict::stop();
  }

  // XEP-0077 §3.1, example 3: who asks is registered already.
  Task<IqReply> asked(const IqRequest& request) {
    if (!is_own(request)) co_return refused(request);
    const Jid user = request.from.bare();
    const bool registered = co_await host_.counts->does_user_exist(host_.accounts.exists(user));
    if (!registered) co_return empty_form();
    co_return xml::Builder("query", ns::register_)
        .child(xml::Builder("registered"))
        .child(xml::Builder("username").text(user.node()))
        .child(xml::Builder("password"));
  }

  Task<IqReply> set(const IqRequest& request) {
    if (!is_own(request)) co_return refused(request);
    const Jid user = request.from.bare();
    if (request.stanza.body) request.stanza.body->hold_secret();
    host_.hall.worker.buffers().hold_secret();
    Wish wish{request.query};
    if (wish.removes) {
      if (wish.fields != 1) co_return StanzaError::bad_request("<remove/> stands alone");
      co_return co_await cancel(request.from);
    }
    co_return co_await change_password(user, std::move(wish));
  }

 private:
  // The server's own users ask for themselves, of the server or of their account.
  bool is_own(const IqRequest& request) const {
    if (!request.from.has_node() || request.from.domain() != host_.name) return false;
    return !request.to.has_node() || request.from.same_bare(request.to);
  }

  // XEP-0030 §8 in spirit: an account of somebody else looks as if there were none.
  static StanzaError refused(const IqRequest& request) {
    return request.to.has_node() ? StanzaError::service_unavailable() : StanzaError::not_allowed();
  }

  Task<Verdict> answer_stranger(StrangerAsks& event, Wish wish) {
    // What is answered when the store breaks on the way.
    event.reply = StanzaError::internal_server_error();
    // XEP-0077 §3.2: there is no telling whose account that would be.
    if (wish.removes) {
      event.reply = StanzaError::unexpected_request("log in first");
      co_return Verdict::stop();
    }
    event.reply = co_await register_account(std::move(wish), event.peer_address);
    co_return Verdict::stop();
  }

  Task<IqReply> register_account(Wish wish, std::string peer_address) {
    if (!wish.username || !wish.password) co_return StanzaError::bad_request("a username and a password are needed");
    const auto user = Jid::make(*wish.username, host_.name);
    if (!user || !user->has_node()) co_return StanzaError::not_acceptable("No such name can be an account's");
    const bool welcome =
        may_come_from(options_->ip_access, peer_address) && host_.access->allows(options_->access, *user);
    if (!welcome) co_return StanzaError::forbidden();
    if (const auto problem = problem_of(*wish.password)) co_return *problem;
    Limits& limits = *host_.hall.limits;
    auto turn = limits.registrations.take_turn(IpAddress::parse(peer_address).value_or(IpAddress{}),
                                               host_.hall.worker.clock().steady());
    if (!turn) {
      limits.refusals.count(turn.error());
      co_return StanzaError::resource_constraint("Users are not allowed to register accounts so quickly");
    }

    const Registration outcome =
        co_await host_.counts->try_register(host_.accounts.register_account(*user, std::move(*wish.password)));
    if (outcome != Registration::done) co_return error_of(outcome);
    turn->use_up();
    host_.counts->registered.add();
    log_info("account_registered", {{"user", user->text()}, {"from", peer_address}});
    co_await tell_of_new_account(host_, *user);
    greet(*user);
    tell_watchers(*user, peer_address);
    co_return IqReply::empty();
  }

  static StanzaError error_of(Registration outcome) {
    switch (outcome) {
      case Registration::exists:
        return StanzaError::conflict();
      case Registration::too_many_accounts:
        return StanzaError::resource_constraint("There is no room for another account");
      case Registration::bad_name:
        return StanzaError::not_acceptable("No such name can be an account's");
      case Registration::bad_password:
        return StanzaError::not_acceptable("No such text can be a password");
      case Registration::not_allowed:
      case Registration::done:
        break;
    }
    return StanzaError::not_allowed();
  }

  std::optional<StanzaError> problem_of(const std::string& password) const {
    if (password.empty()) return StanzaError::not_acceptable("A password is needed");
    if (options_->password_strength > 0 && entropy_of(password) < options_->password_strength)
      return StanzaError::not_acceptable("The password is too weak");
    return std::nullopt;
  }

  void greet(const Jid& user) {
    const WelcomeMessage& message = options_->welcome_message;
    if (message.subject.empty() && message.body.empty()) return;
    std::string content;
    if (!message.subject.empty()) xml::Builder("subject").text(message.subject).append_to(content);
    if (!message.body.empty()) xml::Builder("body").text(message.body).append_to(content);
    host_.hall.router.route(make_stanza(StanzaKind::message, StanzaType::normal, own_address_, user, {}, content));
  }

  void tell_watchers(const Jid& user, std::string_view peer_address) {
    if (options_->registration_watchers.empty()) return;
    std::string text = "The account ";
    text.append(user.text()).append(" was registered from ").append(peer_address).append(" at ");
    text += date_time(host_.hall.worker.clock().wall()) + '.';
    const std::string content = xml::Builder("body").text(text).str();
    for (const std::string& watcher : options_->registration_watchers)
      if (const auto to = Jid::parse(watcher))
        host_.hall.router.route(make_stanza(StanzaKind::message, StanzaType::chat, own_address_, *to, {}, content));
  }

  // XEP-0077 §3.2; on the home worker of the account, as everything its sessions ask of the server.
  Task<IqReply> cancel(Jid who) {
    const Jid user = who.bare();
    const bool was_there = co_await end_account(host_, user, who);
    if (!was_there) co_return StanzaError::registration_required();
    log_info("account_removed", {{"user", user.text()}, {"by", "its owner"}});
    co_return IqReply::empty();
  }

  // XEP-0077 §3.3.
  Task<IqReply> change_password(Jid user, Wish wish) {
    if (!wish.username || !wish.password) co_return StanzaError::bad_request("a username and a password are needed");
    const auto named = Jid::make(*wish.username, host_.name);
    if (!named || !named->same_bare(user)) co_return StanzaError::not_allowed();
    if (const auto problem = problem_of(*wish.password)) co_return *problem;
    const PasswordChange outcome = co_await host_.accounts.change_password(user, std::move(*wish.password));
    switch (outcome) {
      case PasswordChange::done:
        log_info("password_changed", {{"user", user.text()}, {"by", "its owner"}});
        co_return IqReply::empty();
      case PasswordChange::bad_password:
        co_return StanzaError::not_acceptable("No such text can be a password");
      case PasswordChange::no_such_account:
        co_return StanzaError::registration_required();
      case PasswordChange::not_allowed:
        break;
    }
    co_return StanzaError::not_allowed();
  }

  HostType& host_;
  const std::shared_ptr<const RegisterOptions> options_;
  const Jid own_address_;
};

config::Section<WelcomeMessage> welcome_section() {
  return config::Section<WelcomeMessage>{"welcome_message", "What a new account is told; nothing when both are empty."}
      .option("subject", &WelcomeMessage::subject, "Its subject.")
      .option("body", &WelcomeMessage::body, "Its text.");
}

config::Section<IpRule> ip_section() {
  return config::Section<IpRule>{"ip_access", "From where accounts may be registered; the first that matches decides."}
      .option("address", &IpRule::address, "A network, or one address.", config::mandatory,
              config::example("\"192.0.2.0/24\""))
      .option("policy", &IpRule::policy, "Whether registrations from there are taken.", config::mandatory,
              config::example("\"deny\""));
}

}  // namespace

ModuleEntry register_module() {
  return module_entry<Register>(
      "mod_register", {"0077"},
      config::Section<RegisterOptions>{"modules.mod_register", "Lets clients make, change and cancel accounts."}
          .option("access", &RegisterOptions::access, "The access rule that says which names may be registered.",
                  config::non_empty)
          .section("welcome_message", &RegisterOptions::welcome_message, welcome_section())
          .option("registration_watchers", &RegisterOptions::registration_watchers, "Who is told of every new account.",
                  config::unique,
                  config::must_be("an address", [](std::string_view text) { return Jid::parse(text).has_value(); }))
          .option("password_strength", &RegisterOptions::password_strength,
                  "How many bits of entropy a password has at least; 0 accepts all. Try 32.", config::unit("bits"))
          .list("ip_access", &RegisterOptions::ip_access, ip_section())
          .section("iqdisc", &RegisterOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue)));
}

}  // namespace meerkat
