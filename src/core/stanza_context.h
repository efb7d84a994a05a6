// SPDX-License-Identifier: Apache-2.0
// One stanza of a local user on its way through the house.
#pragma once

#include "core/host_type.h"
#include "xmpp/stanza.h"

namespace meerkat {

class Session;

// Lives on the sender's worker until the stanza is routed. When a module has something to tell to a later one, that
// becomes a field here.
struct StanzaContext {
  Stanza stanza;
  HostType& host;
  Session& sender;
};

}  // namespace meerkat
