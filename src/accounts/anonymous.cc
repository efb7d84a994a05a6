// SPDX-License-Identifier: Apache-2.0
#include "accounts/anonymous.h"

#include "accounts/unlisted.h"

namespace meerkat {
namespace {

class AnonymousAccounts final : public UnlistedAccounts {
 public:
  bool checks_passwords() const override { return false; }
};

}  // namespace

std::unique_ptr<Accounts> make_anonymous_accounts() { return std::make_unique<AnonymousAccounts>(); }

}  // namespace meerkat
