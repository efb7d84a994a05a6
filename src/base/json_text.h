// SPDX-License-Identifier: Apache-2.0
// Text made safe between double quotes: for JSON (RFC 8259 §7), and for log lines that people read on terminals.
#pragma once

#include <string>
#include <string_view>

namespace meerkat {

// Appends `text` without quotes around it. Quotes, backslashes, control characters (also U+0080 to U+009F, which
// terminals obey), line separators and marks that turn the direction of writing become \u escapes; what is not UTF-8
// becomes U+FFFD. So the outcome is one line of valid UTF-8, and valid inside a JSON string.
void append_escaped(std::string& into, std::string_view text);

// The same with the quotes.
std::string json_string(std::string_view text);

}  // namespace meerkat
