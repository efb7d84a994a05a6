// SPDX-License-Identifier: Apache-2.0
// What modules know of a session and want to know again after a restart of the server, each under a name of its own.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace meerkat {

// A handful, so a list is searched. Values are text as XML allows it.
class SessionFacts {
 public:
  // Once for each name, which is "module.fact".
  void add(std::string_view name, std::string value) { facts_.emplace_back(name, std::move(value)); }
  // Null when nobody added one of that name.
  const std::string* find(std::string_view name) const {
    for (const auto& [known, value] : facts_)
      if (known == name) return &value;
    return nullptr;
  }
  const std::vector<std::pair<std::string, std::string>>& all() const { return facts_; }

  bool operator==(const SessionFacts&) const = default;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace meerkat
