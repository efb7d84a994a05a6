// SPDX-License-Identifier: Apache-2.0
// Signed tokens in place of passwords: whoever made them vouches for the name in them; no accounts are kept.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "accounts/jwt_token.h"
#include "config/section.h"
#include "core/accounts.h"
#include "runtime/blocking_pool.h"

namespace meerkat {

// Where the key is: exactly one of these.
struct JwtSecretSettings {
  std::optional<std::string> file, env, value;
};

struct JwtAccountOptions {
  JwtSecretSettings secret;
  JwtAlgorithm algorithm = JwtAlgorithm::hs256;
  std::string username_key;
};

config::Section<JwtAccountOptions> jwt_accounts_section();

// Reads the key; throws std::runtime_error with a sentence for the operator when it is of no use. Signatures are
// checked on `checking`. Every name exists. The pool outlives the accounts. Any thread.
std::unique_ptr<Accounts> make_jwt_accounts(const JwtAccountOptions& options, BlockingPool& checking);

}  // namespace meerkat
