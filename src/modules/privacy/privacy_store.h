// SPDX-License-Identifier: Apache-2.0
// What privacy lists want kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "modules/privacy/rule_list.h"
#include "runtime/task.h"

namespace meerkat {

// What becomes of the default list when another list is written.
enum class Default : std::uint8_t { stays, is_this };

// Users are bare addresses. Any worker; every call answers on the worker that asked. Changes are answered when they are
// safely in the store. Throws what the database throws.
class PrivacyStore {
 public:
  virtual ~PrivacyStore() = default;

  // Nothing when there is none. One query.
  virtual Task<std::optional<RuleList>> default_list(Jid user) = 0;
  virtual Task<std::optional<RuleList>> list(Jid user, std::string name) = 0;
  // In the order of their bytes.
  virtual Task<std::vector<std::string>> names(Jid user) = 0;
  virtual Task<> write(Jid user, RuleList list, Default becomes) = 0;
  // The default as well, when it is that list.
  virtual Task<> remove(Jid user, std::string name) = 0;
  // Nothing: there is no default any more.
  virtual Task<> set_default(Jid user, std::optional<std::string> name) = 0;
  // Whether anything at all is kept.
  virtual Task<bool> knows(Jid user) = 0;
  // Everything that is kept of an account.
  virtual Task<> forget(Jid user) = 0;
};

}  // namespace meerkat
