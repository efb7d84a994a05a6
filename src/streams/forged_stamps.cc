// SPDX-License-Identifier: Apache-2.0
#include "streams/forged_stamps.h"

#include "core/hall.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

// The attribute that names who has put the stamp; null for what is no stamp.
const char* signature_of(const xml::Element& child) {
  const std::uint16_t number = child.namespace_id();
  if (number == ns::delay.id || number == ns::x_delay.id) return "from";
  if (number == ns::stanza_id.id && child.name() == "stanza-id") return "by";
  return nullptr;
}

bool is_forged(const xml::Element& child, const Jid& sender, const Hall& hall) {
  const char* const signature = signature_of(child);
  if (signature == nullptr) return false;
  const auto text = child.attr(signature);
  if (!text) return false;
  const auto who = Jid::parse(text->str());
  // "bob@localhost/" is no address, but clients that are not strict take it for one.
  if (!who) return true;
  if (!hall.is_ours(who->domain())) return false;
  const bool is_stanza_id = child.namespace_id() == ns::stanza_id.id;
  return is_stanza_id || *who != sender;
}

}  // namespace

bool has_forged_stamp(const xml::Element& stanza, const Jid& sender, const Hall& hall) {
  for (const xml::Element child : stanza.children())
    if (is_forged(child, sender, hall)) return true;
  return false;
}

std::string without_forged_stamps(const xml::Element& stanza, const Jid& sender, const Hall& hall) {
  std::string text{stanza.start_tag_raw()};
  xml::append_inner_without(text, stanza, [&](const xml::Element& child) { return is_forged(child, sender, hall); });
  text += stanza.raw().substr(stanza.size_of_start_tag() + stanza.inner_raw().size());
  return text;
}

}  // namespace meerkat
