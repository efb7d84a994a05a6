// SPDX-License-Identifier: Apache-2.0
// Values as PostgreSQL's wire has them, both ways, by the type that the server gave a parameter or a column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sql/value.h"

namespace meerkat::sql {

// The numbers of its types (pg_type.dat), which never change.
namespace pg {
using Oid = std::uint32_t;
inline constexpr Oid boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25, float4 = 700, float8 = 701,
                     bpchar = 1042, varchar = 1043, timestamp = 1114, numeric = 1700;
}  // namespace pg

// A parameter: the bytes, and whether they are the binary form or text.
struct PostgresParameter {
  std::string bytes;
  bool is_binary = false;
  bool is_null = false;
};
// Throws Constraint when the value does not fit the type.
PostgresParameter postgres_parameter(const Value& value, pg::Oid type);

// We can read the binary form of the type; others are asked for as text.
bool has_binary_form(pg::Oid type);
// A cell that is not null, as SQLite would give it: numbers as numbers, times as text in UTC.
Value postgres_cell(std::string_view bytes, pg::Oid type, bool is_binary);

// Big-endian, as all numbers on the wire.
void append_int32(std::string& out, std::int32_t number);

}  // namespace meerkat::sql
