// SPDX-License-Identifier: Apache-2.0
// XEP-0198: what its elements say. What they do: c2s_management.cc on an established stream, resumption.cc before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xml/element.h"
#include "xmpp/stanza_error.h"
#include "xmpp/stream_error.h"

namespace meerkat {

// The attribute `h`; nothing when it is missing or no number below 2^32.
std::optional<std::uint32_t> handled_count(const xml::Element& element);

// An xs:boolean; false when the attribute is absent, nothing when it is neither.
std::optional<bool> wants_to_resume(const xml::Element& enable);

// <a h='…'/>
void append_acknowledgement(std::string& out, std::uint32_t handled);

// <failed><condition/></failed>, with `h` when it is known.
std::string management_failed(const StanzaError& why, std::optional<std::uint32_t> handled = {});

// The client acknowledges more than it was sent (XEP-0198 §6).
StreamError handled_count_too_high(std::uint32_t handled, std::uint32_t sent);

}  // namespace meerkat
