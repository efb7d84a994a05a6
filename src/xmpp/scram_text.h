// SPDX-License-Identifier: Apache-2.0
// How SCRAM keys lie in the column `users.pass_details`: MongooseIM's text form, so that both read the same table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/sasl_crypto.h"

namespace meerkat {

// ==MULTI_SCRAM==,<iterations>,===SHA1===<salt>|<stored key>|<server key>,==SHA224==…,==SHA512==… with parts in base64.
// The form has one iteration count: all `keys` must agree, and there must be one at least (contract). Any thread.
std::string to_text(std::span<const ScramKeys> keys);

// Reads that form and the older ==SCRAM==,<stored key>,<server key>,<salt>,<iterations> (SHA-1). Nothing when the text
// is anything else, a part has the wrong length, or a hash occurs twice. Any thread.
std::optional<std::vector<ScramKeys>> scram_keys_from_text(std::string_view text);

}  // namespace meerkat
