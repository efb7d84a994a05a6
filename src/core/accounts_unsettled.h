// SPDX-License-Identifier: Apache-2.0
// What a login with a password is thrown that one method of [auth] calls wrong and another one, which cannot be asked,
// may call right: it is put off, and was a guess all the same.
#pragma once

#include <stdexcept>

namespace meerkat {

class AccountsUnsettled : public std::runtime_error {
 public:
  AccountsUnsettled() : std::runtime_error("one method calls the password wrong, and another one cannot be asked") {}
};

}  // namespace meerkat
