// SPDX-License-Identifier: Apache-2.0
#include "modules/register/password_strength.h"

#include <cmath>

namespace meerkat {

double entropy_of(std::string_view password) {
  double lower = 0, upper = 0, digit = 0, printable = 0, other = 0;
  for (const char c : password) {
    if (c >= 'a' && c <= 'z')
      lower = 26;
    else if (c >= 'A' && c <= 'Z')
      upper = 26;
    else if (c >= '0' && c <= '9')
      digit = 9;  // MongooseIM's count; thresholds of its operators keep their meaning
    else if (c > ' ' && c <= '~')
      printable = 33;
    else
      other = 128;
  }
  if (password.empty()) return 0;
  return static_cast<double>(password.size()) * std::log2(lower + upper + digit + printable + other);
}

}  // namespace meerkat
