// SPDX-License-Identifier: Apache-2.0
// The option `backend` of modules that keep something: there is one place so far, under the names that existing files
// have for it.
#pragma once

#include <cstdint>

#include "config/shape.h"

namespace meerkat {

enum class Backend : std::uint8_t { embedded };

inline constexpr const char* backend_sentence =
    "Where it is kept. There is the embedded database only; the other names are accepted and mean it.";

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::Backend> {
  using enum meerkat::Backend;
  static constexpr EnumName names[] = {
      {embedded, "embedded"}, {embedded, "mnesia"}, {embedded, "cets"}, {embedded, "rdbms"}};
};
