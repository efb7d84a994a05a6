// SPDX-License-Identifier: Apache-2.0
// How hard a password is to guess, as MongooseIM estimates it.
#pragma once

#include <string_view>

namespace meerkat {

// In bits: its length times the logarithm of how many characters there are of the kinds it uses.
double entropy_of(std::string_view password);

}  // namespace meerkat
