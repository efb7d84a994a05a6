// SPDX-License-Identifier: Apache-2.0
// Bodies of answers, compressed (RFC 9110 §8.4.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace meerkat {

// Whether a client takes gzip (Accept-Encoding, RFC 9110 §12.5.3).
bool accepts_gzip(std::string_view accept_encoding);
// Whether it is worth while, by size and type; and it has not been done already.
bool is_worth_compressing(const HttpResponse& response);
// Nothing when there is no memory for it.
std::optional<std::string> gzipped(std::string_view body);

}  // namespace meerkat
