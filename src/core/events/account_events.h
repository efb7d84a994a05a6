// SPDX-License-Identifier: Apache-2.0
// Events of accounts.
#pragma once

#include <string_view>

#include "core/host_type.h"

namespace meerkat {

struct AccountRegistered {
  static constexpr std::string_view name = "account_registered";
  static constexpr std::string_view about = "A new account is safely in the store.";
  HostType& host;
  const Jid& user;
};

struct AccountRemoved {
  static constexpr std::string_view name = "account_removed";
  static constexpr std::string_view about = "An account was removed; whoever keeps something of it forgets it.";
  HostType& host;
  const Jid& user;
};

}  // namespace meerkat
