// SPDX-License-Identifier: Apache-2.0
// Which stream error a problem with the XML becomes (RFC 6120 §4.9.3, §11).
#pragma once

#include "xml/problem.h"
#include "xmpp/stream_error.h"

namespace meerkat {

StreamError stream_error_of(xml::Problem problem);

}  // namespace meerkat
