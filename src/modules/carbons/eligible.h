// SPDX-License-Identifier: Apache-2.0
// XEP-0280 §6.1: which messages the other devices of an account see as well.
#pragma once

#include <cstdint>
#include <string_view>

#include "xmpp/stanza.h"

namespace meerkat {

enum class Direction : std::uint8_t { sent, received };

struct Eligibility {
  bool yes;
  std::string_view because;
};

Eligibility eligible(const Stanza& message, Direction direction);

}  // namespace meerkat
