// SPDX-License-Identifier: Apache-2.0
// Accounts that a web service of the operator knows, asked with MongooseIM's requests. Pool tag "auth".
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "accounts/internal.h"
#include "config/section.h"
#include "core/accounts.h"
#include "runtime/blocking_pool.h"
#include "store/http/message.h"

namespace meerkat {

struct HttpAccountOptions {
  std::optional<std::string> basic_auth;  // "user:password"
};

config::Section<HttpAccountOptions> http_accounts_section();

// GET check_password, get_password and user_exists with the query user, server and pass; POST register, set_password
// and remove_user with the same as a form.
//
// With `password.format` scram the service is given keys to keep, and asked for them (get_password), which it answers
// with MongooseIM's text of SCRAM keys, or with the password itself. A service that has no get_password answers 404,
// and is asked check_password. With format plain the service gets passwords as they are, and compares them.
//
// An answer 5xx is the service's failure: meerkat::Unavailable. Nothing is cached: what the service changes counts from
// the next login on. `service` and `hashing` outlive the accounts. Any thread.
std::unique_ptr<Accounts> make_http_accounts(http::Service& service, BlockingPool& hashing,
                                             std::shared_ptr<const InternalAccountRules> rules,
                                             const HttpAccountOptions& options);

}  // namespace meerkat
