// SPDX-License-Identifier: Apache-2.0
// The option `backend` of modules that keep something: in the embedded database, or in the pool `default` of rdbms.
#pragma once

#include <cstdint>

#include "config/shape.h"
#include "store/sql/database.h"

namespace meerkat {

class HostType;

enum class Backend : std::uint8_t { embedded, rdbms };
// Of what is always kept beside the server.
enum class EmbeddedBackend : std::uint8_t { embedded };

inline constexpr const char* backend_sentence =
    "Where it is kept: in the database inside the server, which \"mnesia\" and \"cets\" mean as well, or in the "
    "database of outgoing_pools.rdbms.default.";
inline constexpr const char* embedded_backend_sentence =
    "Where it is kept. There is the embedded database only; the other names are accepted and mean it.";

// Throws std::runtime_error when there is no such pool, which the check of the configuration rules out.
sql::Database& database_of(const HostType& host, Backend backend);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::Backend> {
  using enum meerkat::Backend;
  static constexpr EnumName names[] = {
      {embedded, "embedded"}, {embedded, "mnesia"}, {embedded, "cets"}, {rdbms, "rdbms"}};
};

template <>
struct meerkat::config::EnumNames<meerkat::EmbeddedBackend> {
  using enum meerkat::EmbeddedBackend;
  static constexpr EnumName names[] = {{embedded, "embedded"}, {embedded, "mnesia"}, {embedded, "cets"}};
};
