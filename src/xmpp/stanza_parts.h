// SPDX-License-Identifier: Apache-2.0
// What is asked of a stanza, or changed in it, now and then; the hot path needs none of it.
#pragma once

#include <string>

#include "xmpp/stanza.h"

namespace meerkat {

// RFC 6120 §8.1.5: its own `xml:lang`, else that of the stream it came by; empty when neither was said.
std::string lang_of(const Stanza& stanza);

// The body without one child of its root; everything else is the same.
BodyRef without_child(const Stanza& stanza, const xml::Element& child);

}  // namespace meerkat
