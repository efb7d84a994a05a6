// SPDX-License-Identifier: Apache-2.0
#include "modules/last/last.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "core/events/account_events.h"
#include "core/events/host_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/iq_processing.h"
#include "modules/last/last_book.h"
#include "modules/privacy/privacy_events.h"
#include "modules/roster/roster_events.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

struct LastOptions {
  Backend backend = Backend::embedded;
  IqProcessing iqdisc{.type = IqProcessing::Type::one_queue, .workers = {}};
};

// Of the last words of a session.
constexpr std::size_t longest_status = 1024;

// With a session that outlives its account for a moment: what it says when it goes is of no account.
struct AccountHasGone final : Note {};

std::string shortened(std::string status) {
  if (status.size() <= longest_status) return status;
  std::size_t end = longest_status;
  while (end > 0 && (static_cast<unsigned char>(status[end]) & 0xc0) == 0x80) --end;
  status.resize(end);
  return status;
}

bool asks_for_last_activity(const Stanza& stanza) {
  if (stanza.kind != StanzaKind::iq || stanza.type != StanzaType::get) return false;
  const auto child = stanza.element().first_child();
  return child && child->is("query", ns::last);
}

class Last final : public Module {
 public:
  Last(HostType& host, std::shared_ptr<const LastOptions> options)
      : host_(host), options_(std::move(options)), book_(LastBook::of(host, options_->backend)) {
    const IqProcessing& how = options_->iqdisc;
    host.iqs.on_get<&Last::asked_server>(*this, ns::last, IqTarget::server, how);
    host.iqs.on_set<&Last::set>(*this, ns::last, IqTarget::server, how);
    host.iqs.on_get<&Last::asked>(*this, ns::last, IqTarget::account, how);
    host.iqs.on_set<&Last::set>(*this, ns::last, IqTarget::account, how);
    // Behind those who turn stanzas away.
    host.hooks.on<&Last::arrives>(*this, 60);
    // Before all others: a handler that waits may outlive the session.
    host.hooks.on<&Last::becomes_unavailable>(*this, 0);
    host.hooks.on<&Last::becomes_available>(*this, 0);
    host.hooks.on<&Last::session_is_restored>(*this, 0);
    host.hooks.on<&Last::account_registered>(*this);
    host.hooks.on<&Last::account_removed>(*this);
    // Behind those who bring sessions back.
    host.hooks.on<&Last::host_opens>(*this, 90);
    host.hooks.on<&Last::host_closes>(*this, 90);
    // A module that comes while the server runs finds sessions there.
    host.hall.sessions.for_each([this](const Session& session) {
      if (&session.host == &host_ && session.available() && !session.stream->facts().anonymous)
        book_.marks().is_here(session.jid.bare());
    });
  }

  // XEP-0012 §5.
  IqReply asked_server(const IqRequest& request) {
    if (request.query.name() != "query") return StanzaError::bad_request();
    const auto up = host_.hall.worker.clock().steady() - host_.hall.made;
    return xml::Builder("query", ns::last)
        .attr("seconds", std::chrono::duration_cast<std::chrono::seconds>(up).count());
  }

  // The same whether there is such an account or not.
  IqReply set(const IqRequest&) { return StanzaError::not_allowed("the server keeps this by itself"); }

  // §3.
  Task<IqReply> asked(const IqRequest& request) {
    if (request.query.name() != "query") co_return StanzaError::bad_request();
    const Jid user = request.to.bare();
    auto refused = co_await refusal(request.stanza);
    if (refused) co_return std::move(*refused);
    if (host_.hall.sessions.find(user) != nullptr)
      co_return IqReply{xml::Builder("query", ns::last).attr("seconds", 0)}.about_known_account();
    const auto last = co_await book_.get(user);
    if (!last) co_return StanzaError::service_unavailable("nothing is known of it");
    const std::int64_t ago = std::max<std::int64_t>(now() - last->seconds, 0);
    xml::Builder query = xml::Builder("query", ns::last).attr("seconds", ago);
    if (!last->status.empty()) query.text(last->status);
    co_return IqReply{query}.about_known_account();
  }

  // §4: to a client goes only what its contacts ask.
  Answer<Verdict> arrives(UserReceivesStanza& event) {
    const Stanza& stanza = event.stanza;
    if (stanza.kind != StanzaKind::iq || !stanza.to.is_full() || !asks_for_last_activity(stanza))
      return Verdict::next();
    if (stanza.from.same_bare(stanza.to)) return Verdict::next();
    return judged(stanza);
  }

  Verdict becomes_available(UserBecomesAvailable& event) {
    mark(event.session);
    return Verdict::next();
  }
  Verdict session_is_restored(SessionIsRestored& event) {
    if (event.session.account != nullptr && event.session.available()) mark(event.session);
    return Verdict::next();
  }

  Verdict becomes_unavailable(UserBecomesUnavailable& event) {
    const Session& session = event.session;
    if (session.stream->facts().anonymous) return Verdict::next();
    const Jid user = session.jid.bare();
    if (session.notes.find<AccountHasGone>() == nullptr) book_.set(user, {now(), shortened(event.status)});
    if (!is_available_elsewhere(session)) book_.marks().has_left(user);
    return Verdict::next();
  }

  // Of an account of the same name, whose end was not heard here.
  Verdict account_registered(AccountRegistered& event) {
    book_.remove(event.user.bare());
    return Verdict::next();
  }

  Verdict account_removed(AccountRemoved& event) {
    const Jid user = event.user.bare();
    // The one that asked for it is still there.
    if (const Account* const account = host_.hall.sessions.find(user))
      for (Session* session = account->first; session != nullptr; session = session->next_of_account)
        session->notes.get<AccountHasGone>();
    book_.remove(user);
    return Verdict::next();
  }

  Task<Verdict> host_opens(HostOpens&) {
    co_await book_.marks().repair();
    co_return Verdict::next();
  }
  // Nobody who keeps sessions waits for a database here: what is left has the time that a stop gives to all.
  Verdict host_closes(HostCloses&) {
    host_.hall.scope.spawn(close(book_));
    return Verdict::next();
  }

 private:
  static Task<> close(LastBook& book) {
    co_await book.settle();
    co_await book.marks().close();
  }

  std::int64_t now() const { return seconds_of(host_.hall.worker.clock().wall()); }

  static bool is_available_elsewhere(const Session& session) {
    for (const Session* other = session.account->first; other != nullptr; other = other->next_of_account)
      if (other != &session && other->available()) return true;
    return false;
  }
  void mark(const Session& session) {
    if (!session.stream->facts().anonymous && !is_available_elsewhere(session))
      book_.marks().is_here(session.jid.bare());
  }

  // Why whoever asks is told nothing (§8). Throws what the database throws.
  Task<std::optional<StanzaError>> refusal(const Stanza& request) {
    const Jid user = request.to.bare();
    const Jid asks = request.from.bare();
    if (asks == user) co_return std::nullopt;
    const auto rules = co_await rules_of_account(host_, user);
    // XEP-0191 §3.3.
    if (rules && !rules->lets_in(request)) co_return StanzaError::service_unavailable();
    const auto contacts = co_await contacts_of(host_, user);
    if (!contacts && !host_.hooks.chain<ContactsAsked>().empty()) co_return cannot_be_judged();
    const auto* const contact = contacts ? contacts->find(asks) : nullptr;
    if (contact == nullptr || !is_seen(contact->subscription)) co_return StanzaError::forbidden();
    if (rules && !rules->lets_out(make_stanza(StanzaKind::presence, StanzaType::available, user, asks, {}, {})))
      co_return StanzaError::forbidden();
    co_return std::nullopt;
  }

  static StanzaError cannot_be_judged() {
    StanzaError error = StanzaError::internal_server_error("it cannot be seen just now who may know");
    error.type = StanzaErrorType::wait;
    return error;
  }

  Task<Verdict> judged(const Stanza& stanza) {
    std::optional<StanzaError> refused;
    try {
      refused = co_await refusal(stanza);
    } catch (const std::exception& failure) {
      log_debug("last_activity_not_judged", {{"from", stanza.from.text()}, {"error", failure.what()}});
      refused = cannot_be_judged();
    }
    if (refused) co_return Verdict::refuse(std::move(*refused));
    co_return Verdict::next();
  }

  HostType& host_;
  const std::shared_ptr<const LastOptions> options_;
  LastBook& book_;  // the host type's
};

config::Section<LastOptions> last_section() {
  return config::Section<LastOptions>{"modules.mod_last", "Remembers when each account was last here (XEP-0012)."}
      .option("backend", &LastOptions::backend, backend_sentence, config::needs_restart)
      .section("iqdisc", &LastOptions::iqdisc, iqdisc_section(IqProcessing::Type::one_queue));
}

}  // namespace

ModuleEntry last_module() { return module_entry<Last>("mod_last", {"0012"}, last_section(), last_schema()); }

}  // namespace meerkat
