// SPDX-License-Identifier: Apache-2.0
#include "modules/carbons/carbons.h"

#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/iq_processing.h"
#include "modules/carbons/eligible.h"

namespace meerkat {
namespace {

struct CarbonsOptions {
  IqProcessing iqdisc;
};

// The session wants copies.
struct WantsCarbons final : Note {};

bool has_other_sessions(const Account& account) { return account.first->next_of_account != nullptr; }

class Carbons final : public Module {
 public:
  Carbons(HostType& host, const std::shared_ptr<const CarbonsOptions>& options) : host_(host) {
    host.iqs.on_set<&Carbons::asked>(*this, ns::carbons, IqTarget::account, options->iqdisc);
    host.disco.add_feature(IqTarget::server, ns::carbons);
    host.disco.add_feature(IqTarget::server, ns::carbons_rules);
    host.disco.add_feature(IqTarget::account, ns::carbons_rules);
    host.hooks.on<&Carbons::user_sent>(*this, 89);
    host.hooks.on<&Carbons::account_received>(*this, 89);
    host.hooks.on<&Carbons::session_is_kept>(*this);
    host.hooks.on<&Carbons::session_is_restored>(*this);
  }

  // §4, §5: for the device that asks, and for no other.
  IqReply asked(const IqRequest& request) {
    if (!request.from.same_bare(request.to) || request.sender == nullptr) return StanzaError::service_unavailable();
    if (request.query.name() == "enable")
      request.sender->notes.get<WantsCarbons>();
    else if (request.query.name() == "disable")
      request.sender->notes.drop<WantsCarbons>();
    else
      return StanzaError::bad_request("carbons are enabled or disabled");
    return IqReply::empty();
  }

  // §8. A message to another device of the same account comes to all of them as received.
  Verdict user_sent(UserSendsMessage& event) {
    const StanzaContext& context = event.context;
    const Account& account = *context.sender.account;
    if (!has_other_sessions(account) || !context.stanza.to || context.stanza.to.same_bare(account.bare))
      return Verdict::next();
    EntryRef entry;
    for (Session* other = account.first; other != nullptr; other = other->next_of_account) {
      if (other == &context.sender || other->notes.find<WantsCarbons>() == nullptr) continue;
      if (!entry) {
        if (!eligible(context.stanza, Direction::sent).yes) return Verdict::next();
        entry = host_.hall.log.add(context.stanza, false);
      }
      host_.hall.router.send(*other, entry, Form::sent_copy);
    }
    return Verdict::next();
  }

  // §7.
  Verdict account_received(MessageDelivered& event) {
    if (!has_other_sessions(event.account)) return Verdict::next();
    const Stanza& message = event.entry->stanza;
    bool known_eligible = false;
    for (Session* other = event.account.first; other != nullptr; other = other->next_of_account) {
      if (other->notes.find<WantsCarbons>() == nullptr || event.reached.includes(*other, message)) continue;
      if (other->jid == message.from || !other->lets_in(message)) continue;
      if (!known_eligible && !eligible(message, Direction::received).yes) return Verdict::next();
      known_eligible = true;
      host_.hall.router.send(*other, event.entry, Form::received_copy);
    }
    return Verdict::next();
  }

  Verdict session_is_kept(SessionIsKept& event) {
    if (event.session.notes.find<WantsCarbons>() != nullptr) event.facts.add("carbons.enabled", {});
    return Verdict::next();
  }
  Verdict session_is_restored(SessionIsRestored& event) {
    if (event.facts.find("carbons.enabled") != nullptr) event.session.notes.get<WantsCarbons>();
    return Verdict::next();
  }

 private:
  HostType& host_;
};

}  // namespace

ModuleEntry carboncopy_module() {
  return module_entry<Carbons>(
      "mod_carboncopy", {"0280"},
      config::Section<CarbonsOptions>{"modules.mod_carboncopy",
                                      "Devices that ask for it see what the other devices of the account get and send."}
          .section("iqdisc", &CarbonsOptions::iqdisc, iqdisc_section(IqProcessing::Type::no_queue)));
}

}  // namespace meerkat
