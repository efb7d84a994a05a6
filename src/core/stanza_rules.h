// SPDX-License-Identifier: Apache-2.0
// What somebody lets in and out: privacy lists (XEP-0016) and blocked addresses (XEP-0191), in memory while they count.
#pragma once

#include "xmpp/stanza.h"

namespace meerkat {

// Never changed once it is in force: who changes rules puts others in their place. At the home of their owner.
class StanzaRules {
 public:
  virtual ~StanzaRules() = default;
  // Judged by `from`.
  virtual bool lets_in(const Stanza& stanza) const = 0;
  // Judged by `to`.
  virtual bool lets_out(const Stanza& stanza) const = 0;
};

}  // namespace meerkat
