// SPDX-License-Identifier: Apache-2.0
// The statements that the server of one connection knows, by their text.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "store/cassandra/requests.h"

namespace meerkat::cassandra {

class PreparedStatements {
 public:
  // Null when it has to be prepared.
  PreparedStatement find(std::string_view text) const {
    const auto found = by_text_.find(text);
    return found == by_text_.end() ? nullptr : found->second;
  }
  PreparedStatement keep(Prepared prepared) {
    // Nobody has so many statements; who makes texts for each call pays with preparing them again.
    if (by_text_.size() >= most) by_text_.clear();
    auto kept = std::make_shared<const Prepared>(std::move(prepared));
    by_text_.insert_or_assign(kept->text, kept);
    return kept;
  }
  void forget(std::string_view id) {
    std::erase_if(by_text_, [id](const auto& entry) { return entry.second->id == id; });
  }
  void clear() { by_text_.clear(); }

 private:
  static constexpr std::size_t most = 500;

  std::map<std::string, PreparedStatement, std::less<>> by_text_;
};

}  // namespace meerkat::cassandra
