// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/steady_directory.h"

#include "base/log.h"
#include "base/secret.h"
#include "store/pool/unavailable.h"

namespace meerkat::ldap {

Task<Found> SteadyDirectory::search(Search search) {
  try {
    Found found = co_await directory_.search(std::move(search));
    answered();
    co_return found;
  } catch (const Refused& refusal) {
    refused(refusal);
  }
}

Task<bool> SteadyDirectory::bind(std::string dn, std::string password) {
  const WipedAtEnd wiped{password};
  try {
    const bool right = co_await directory_.bind(std::move(dn), secret_text(password));
    answered();
    co_return right;
  } catch (const Refused& refusal) {
    refused(refusal);
  }
}

void SteadyDirectory::refused(const Refused& refusal) {
  if (trouble_.begins())
    log_error("ldap_refused", {{"for", user_}, {"error", refusal.what()}, {"now", "it is as if nobody answered"}});
  throw Unavailable{refusal.what()};
}

void SteadyDirectory::answered() {
  if (const auto refused = trouble_.ends()) log_notice("ldap_answers_again", {{"for", user_}, {"refused", *refused}});
}

}  // namespace meerkat::ldap
