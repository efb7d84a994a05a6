// SPDX-License-Identifier: Apache-2.0
#include "core/delay_stamp.h"

#include <chrono>

#include "xml/builder.h"
#include "xmpp/date_time.h"

namespace meerkat {
namespace {

bool has_stamp(const Stanza& message) {
  return message.extras.contains(ns::delay.uri) || message.element().child("delay", ns::delay).has_value();
}

}  // namespace

void stamp_delay(Stanza& message, EntryId id) {
  if (message.kind != StanzaKind::message || message.type == StanzaType::error || message.type == StanzaType::headline)
    return;
  if (has_stamp(message)) return;
  const WallTime came{std::chrono::microseconds{id >> 8}};
  message.extras += xml::Builder("delay", ns::delay)
                        .attr("from", message.to.domain())
                        .attr("stamp", date_time(came, Fraction::milliseconds))
                        .text("SM Storage")
                        .str();
}

}  // namespace meerkat
