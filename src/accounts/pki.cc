// SPDX-License-Identifier: Apache-2.0
#include "accounts/pki.h"

#include "accounts/unlisted.h"

namespace meerkat {
namespace {

class PkiAccounts final : public UnlistedAccounts {
 public:
  Task<bool> exists(Jid) override { co_return true; }
  bool knows_everybody() const override { return true; }
  bool checks_passwords() const override { return false; }
  bool accepts_certificates() const override { return true; }
};

}  // namespace

config::Section<PkiAccountOptions> pki_accounts_section() {
  return {"auth.pki", "Whoever has a certificate that names an address here may log in with it, and in no other way."};
}

std::unique_ptr<Accounts> make_pki_accounts() { return std::make_unique<PkiAccounts>(); }

}  // namespace meerkat
