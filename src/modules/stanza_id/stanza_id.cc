// SPDX-License-Identifier: Apache-2.0
#include "modules/stanza_id/stanza_id.h"

#include "core/events/routing_events.h"
#include "core/hall.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

struct NoOptions {};

constexpr std::size_t size_besides_owner = 80;

// Ids that clients of this server forge in its name never come this far: streams/forged_stamps.h.
class StanzaIds final : public Module {
 public:
  StanzaIds(HostType& host, const std::shared_ptr<const NoOptions>&) {
    for (const IqTarget target : {IqTarget::server, IqTarget::account}) host.disco.add_feature(target, ns::stanza_id);
    host.hooks.on<&StanzaIds::add>(*this);
  }

  // XEP-0359 §3: of the account the message is for. What is not kept has no place where it could be found again.
  Verdict add(MessageGetsEntry& event) {
    DeliveryEntry& entry = event.entry;
    if (!entry.must_arrive || entry.stanza.type == StanzaType::groupchat) return Verdict::next();
    // Every message passes here, so it is written where it is to stand, with one allocation.
    const std::string_view by = entry.stanza.to.bare_text();
    std::string& out = entry.stanza.extras;
    out.reserve(out.size() + size_besides_owner + by.size());
    (out += "<stanza-id xmlns='") += ns::stanza_id.uri;
    (out += "' id='") += external_form(entry.id);
    out += '\'';
    xml::write_attribute(out, "by", by);
    out += "/>";
    return Verdict::next();
  }
};

}  // namespace

ModuleEntry stanzaid_module() {
  return module_entry<StanzaIds>(
      "mod_stanzaid", {"0359"},
      config::Section<NoOptions>{"modules.mod_stanzaid",
                                 "Gives every message an id that all devices of its recipient see."});
}

}  // namespace meerkat
