// SPDX-License-Identifier: Apache-2.0
// XEP-0160 §3: which messages are worth keeping for an account that nobody reads just now.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "xmpp/stanza.h"

namespace meerkat {

// kept: it goes into the store. dropped: nobody misses it, and nobody is told. refused: its sender is told.
enum class Worth : std::uint8_t { kept, dropped, refused };

// With the hints of XEP-0334; an error or a headline is never kept, group chat when `keep_groupchat` says so.
Worth worth_of(const Stanza& message, bool keep_groupchat);

// XEP-0023: how long it is of use; nothing when it does not say.
std::optional<std::chrono::seconds> useful_for(const xml::Element& message);

// XEP-0022 §3.1: its sender wants to hear when it is kept.
bool asks_for_offline_event(const xml::Element& message);
// XEP-0022 §3.2: the message of that name was kept. From its recipient to its sender.
Stanza offline_event(const Stanza& kept);

}  // namespace meerkat
