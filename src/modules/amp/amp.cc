// SPDX-License-Identifier: Apache-2.0
#include "modules/amp/amp.h"

#include <algorithm>

#include "base/check.h"
#include "core/events/disco_events.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/prospect.h"
#include "modules/amp/rules.h"
#include "modules/offline/offline_events.h"
#include "modules/roster/roster_events.h"
#include "xmpp/stanza_parts.h"

namespace meerkat {
namespace {

struct NoOptions {};

class Amp final : public Module {
 public:
  Amp(HostType& host, const std::shared_ptr<const NoOptions>&) : host_(host), server_(*Jid::make({}, host.name)) {
    host.disco.add_feature(IqTarget::server, ns::amp);
    host.hooks.on<&Amp::add_stream_feature>(*this);
    host.hooks.on<&Amp::node_asked>(*this);
    host.hooks.on<&Amp::user_sends>(*this, 5);
    // Behind those who stop what its recipient does not want: rules tell
    // nothing of that.
    host.hooks.on<&Amp::user_receives>(*this, 90);
    // Before anybody keeps it.
    host.hooks.on<&Amp::found_nobody>(*this, 10);
    host.hooks.on<&Amp::kept>(*this);
  }

  // XEP-0079 §8.
  Verdict add_stream_feature(StreamFeatures& event) {
    if (event.authenticated) xml::Builder("amp", "http://jabber.org/features/amp").append_to(event.features);
    return Verdict::next();
  }

  // XEP-0079 §2.1.1.
  Verdict node_asked(DiscoNodeAsked& event) {
    if (event.target != IqTarget::server || event.node != ns::amp.uri) return Verdict::next();
    event.query.child(xml::Builder("identity").attr("category", "server").attr("type", "im"));
    for (const std::string_view what :
         {"", "?action=drop", "?action=error", "?action=notify", "?condition=deliver", "?condition=match-resource"})
      event.query.child(xml::Builder("feature").attr("var", std::string{ns::amp.uri}.append(what)));
    return Verdict::stop();
  }

  // XEP-0079 §2.2.1, at the sender's home.
  Verdict user_sends(UserSendsMessage& event) {
    const Stanza& message = event.context.stanza;
    const auto amp = amp_request_in(message);
    if (!amp) return Verdict::next();
    const AmpRequest request = read_amp_request(*amp);
    if (!request.mistake) return Verdict::next();
    return answered(amp_refusal(message, server_, *request.mistake));
  }

  // XEP-0079 §2.2.3, at the recipient's home.
  Answer<Verdict> user_receives(UserReceivesStanza& event) {
    const auto amp = amp_request_in(event.stanza);
    if (!amp) return Verdict::next();
    return judge(event.stanza, read_amp_request(*amp));
  }

  // What finds nobody is judged when it is about to be kept, or not.
  Verdict found_nobody(MessageFindsNobody& event) {
    Stanza& message = event.entry.stanza;
    const auto amp = amp_request_in(message);
    if (!amp) return Verdict::next();
    const AmpRequest request = read_amp_request(*amp);
    if (!would_be_kept(message)) return carry_out(message, request, {.delivery = AmpValue::none});
    const AmpRule* const met = request.first_met(stored(message));
    // Its sender is notified when it has been kept indeed.
    if (met != nullptr && met->action == AmpAction::notify) return Verdict::next();
    return carry_out(message, request, stored(message));
  }

  Verdict kept(MessageKept& event) {
    const Stanza& message = event.entry->stanza;
    const auto amp = amp_request_in(message);
    if (!amp) return Verdict::next();
    const AmpRequest request = read_amp_request(*amp);
    const AmpRule* const met = request.first_met(stored(message));
    if (met != nullptr && met->action == AmpAction::notify)
      host_.hall.router.route(amp_notification(message, server_, *met));
    return Verdict::next();
  }

 private:
  Task<Verdict> judge(Stanza& message, AmpRequest request) {
    if (request.mistake) co_return answered(amp_refusal(message, server_, *request.mistake));
    const bool tells = std::ranges::any_of(request.rules, &AmpRule::tells);
    if (tells && !message.from.same_bare(message.to)) {
      const bool may_know = co_await may_see_presence(message);
      if (!may_know) co_return answered(amp_refusal(message, server_, not_for_strangers(request.rules)));
    }
    const bool to_full_address = message.to.is_full();
    const Prospect prospect = prospect_of(message, host_.hall);
    switch (prospect.way) {
      case Prospect::Way::sessions:
        co_return carry_out(message, request, {AmpValue::direct, to_full_address, prospect.exact});
      case Prospect::Way::refused:
      case Prospect::Way::dropped:
        co_return carry_out(message, request, {.delivery = AmpValue::none});
      // Its sender learns nothing more than that it was not delivered.
      case Prospect::Way::turned_away:
      case Prospect::Way::nobody:
        break;
    }
    co_return Verdict::next();
  }

  bool would_be_kept(const Stanza& message) {
    KeepingAsked asked{host_, message};
    const Answer<Verdict> answer = host_.run(asked);
    check(answer.at_hand(), "whether a message would be kept is told at once");
    return asked.kept;
  }
  static AmpFate stored(const Stanza& message) { return {AmpValue::stored, message.to.is_full(), false}; }

  // XEP-0079 §9. Without rosters there are no subscriptions, and nothing that
  // this rule could ask for.
  Task<bool> may_see_presence(const Stanza& message) {
    const Jid sender = message.from.bare();
    const auto contacts = co_await contacts_of(host_, message.to.bare());
    if (!contacts) co_return true;
    const ContactList::Entry* const contact = contacts->find(sender);
    co_return contact != nullptr&& is_seen(contact->subscription);
  }

  Verdict carry_out(Stanza& message, const AmpRequest& request, const AmpFate& fate) {
    const AmpRule* const met = request.first_met(fate);
    if (met != nullptr && met->action == AmpAction::drop) {
      host_.counts->stanza_dropped.add();
      return Verdict::stop();
    }
    if (met != nullptr && met->action == AmpAction::error) return answered(amp_failure(message, server_, *met));
    if (met != nullptr) host_.hall.router.route(amp_notification(message, server_, *met));
    message.body = without_child(message, *amp_request_in(message));
    return Verdict::next();
  }

  // Its sender has got all the answer there is.
  Verdict answered(Stanza answer) {
    host_.hall.router.route(std::move(answer));
    return Verdict::stop();
  }

  HostType& host_;
  const Jid server_;
};

}  // namespace

ModuleEntry amp_module() {
  return module_entry<Amp>("mod_amp", {"0079"},
                           config::Section<NoOptions>{"modules.mod_amp",
                                                      "Lets senders say what happens to messages "
                                                      "that cannot be delivered."});
}

}  // namespace meerkat
