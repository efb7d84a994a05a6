// SPDX-License-Identifier: Apache-2.0
// Which stream error a problem with the XML becomes (RFC 6120 §4.9.3, §11).
#pragma once

#include <string_view>

#include "xml/problem.h"
#include "xmpp/stream_error.h"

namespace meerkat {

StreamError stream_error_of(xml::Problem problem);

// A second header looks like a stanza whose end never comes; throws when an incomplete piece is one (RFC 6120 §4.3.3).
void refuse_second_header(std::string_view incomplete);

}  // namespace meerkat
