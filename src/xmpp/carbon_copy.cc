// SPDX-License-Identifier: Apache-2.0
#include "xmpp/carbon_copy.h"

#include <string_view>

#include "xml/namespaces.h"
#include "xml/writer.h"

namespace meerkat {

void append_carbon_copy(std::string& out, const Stanza& message, CarbonCopy what, const Jid& device) {
  const std::string_view direction = what == CarbonCopy::sent ? "sent" : "received";
  out += "<message";
  xml::write_attribute(out, "from", device.bare_text());
  xml::write_attribute(out, "to", device.text());
  // §6.2: the wrapper is of the type of what it wraps.
  if (const std::string_view type = name_of(message.type); !type.empty()) xml::write_attribute(out, "type", type);
  out += "><";
  out += direction;
  xml::write_attribute(out, "xmlns", ns::carbons.uri);
  out += "><forwarded";
  xml::write_attribute(out, "xmlns", ns::forward.uri);
  out += '>';
  append_stanza_alone(out, message);
  out += "</forwarded></";
  out += direction;
  out += "></message>";
}

}  // namespace meerkat
