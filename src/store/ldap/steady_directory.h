// SPDX-License-Identifier: Apache-2.0
// A directory as one user of it sees it. What it refuses is a matter of the settings, ours or the directory's, and the
// same for every request: the operator is told when that begins and when it is over, and who asked is told that there
// is no answer.
#pragma once

#include <string>
#include <utility>

#include "base/trouble.h"
#include "store/ldap/directory.h"

namespace meerkat::ldap {

// Throws Unavailable where the directory throws Refused. Any worker; `directory` lives longer.
class SteadyDirectory final : public Directory {
 public:
  // `user` is for log lines: which table of the configuration it asks for.
  SteadyDirectory(Directory& directory, std::string user) : directory_(directory), user_(std::move(user)) {}

  Task<Found> search(Search search) override;
  Task<bool> bind(std::string dn, std::string password) override;

 private:
  [[noreturn]] void refused(const Refused& refusal);
  void answered();

  Directory& directory_;
  const std::string user_;
  Trouble trouble_;
};

}  // namespace meerkat::ldap
