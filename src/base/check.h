// SPDX-License-Identifier: Apache-2.0
// Contracts: what only a mistake in the program can break. Never used on what a peer sent.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

namespace meerkat {

// A broken contract, in release builds; a fence catches, logs and counts it.
class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void contract_broken(std::string_view what, const std::source_location& where);

// Aborts in debug builds, throws `Bug` in release builds, when `holds` is false.
inline void check(bool holds, std::string_view what,
                  const std::source_location& where = std::source_location::current()) {
  if (!holds) [[unlikely]]
    contract_broken(what, where);
}

}  // namespace meerkat
