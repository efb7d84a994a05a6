// SPDX-License-Identifier: Apache-2.0
// What only servers say in a stanza, said by a client in their name: XEP-0203 §5, XEP-0091 and XEP-0359 §5.
#pragma once

#include <string>

#include "xml/element.h"
#include "xmpp/jid.h"

namespace meerkat {

class Hall;

// Whether a child of the stanza is a delay or a stanza id that claims to be of this server or of one of its accounts,
// or of what is no address and could pass for one.
// A client may say of itself, by its full address, that it sent late. Most stanzas have neither, and cost one look at
// the number of each child's namespace. Any worker that owns the hall.
bool has_forged_stamp(const xml::Element& stanza, const Jid& sender, const Hall& hall);

// The stanza's bytes without those children; every other byte stays.
std::string without_forged_stamps(const xml::Element& stanza, const Jid& sender, const Hall& hall);

}  // namespace meerkat
