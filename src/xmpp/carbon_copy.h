// SPDX-License-Identifier: Apache-2.0
// XEP-0280 §7, §8: what another device of the account is shown of a message that one device got or sent.
#pragma once

#include <cstdint>
#include <string>

#include "xmpp/stanza.h"

namespace meerkat {

enum class CarbonCopy : std::uint8_t { received, sent };

// Appends the wrapper from the bare address of `device` to it, with the message inside as it went (XEP-0297). Nothing
// that the message says can stand outside of <forwarded/>.
void append_carbon_copy(std::string& out, const Stanza& message, CarbonCopy what, const Jid& device);

}  // namespace meerkat
