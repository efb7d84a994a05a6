// SPDX-License-Identifier: Apache-2.0
// Several methods of [auth] for one host type: they are asked in their order, as MongooseIM does.
#pragma once

#include <memory>
#include <vector>

#include "core/accounts.h"

namespace meerkat {

struct AccountMethod {
  AuthMethod method;
  std::shared_ptr<Accounts> accounts;
};

// A password is right for the first that says so; keys are those of the first that has some. Nobody registers a name
// that any of them knows. A ban counts wherever it was made. Who cannot be asked is passed over, and matters only when
// the others do not settle it: then that is thrown, or AccountsUnsettled. Any thread.
std::unique_ptr<Accounts> make_several_accounts(std::vector<AccountMethod> methods);

}  // namespace meerkat
