// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §8.5: what delivery would do with a message at this moment, for
// those who must know it before it happens.
#pragma once

#include <cstdint>

#include "xmpp/stanza.h"

namespace meerkat {

class Hall;

struct Prospect {
  // sessions: it would be sent to one or more. nobody: to no session; somebody
  // may keep it. turned_away: its recipient does not let it in. refused: its
  // sender would hear that it cannot be delivered. dropped: nobody would hear
  // anything.
  enum class Way : std::uint8_t { sessions, nobody, turned_away, refused, dropped };
  Way way;
  bool exact = false;  // to the session of its full address
};

// At the home of its recipient. What Router::deliver_message does is told here
// as well: change both.
Prospect prospect_of(const Stanza& message, const Hall& hall);

}  // namespace meerkat
