// SPDX-License-Identifier: Apache-2.0
// The types of columns, as the server describes them. CQL §4.2.5.2
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/cassandra/body.h"

namespace meerkat::cassandra {

enum class TypeId : std::uint16_t {
  custom = 0x0000,
  ascii = 0x0001,
  bigint = 0x0002,
  blob = 0x0003,
  boolean = 0x0004,
  counter = 0x0005,
  decimal = 0x0006,
  double_ = 0x0007,
  float_ = 0x0008,
  int_ = 0x0009,
  timestamp = 0x000b,
  uuid = 0x000c,
  varchar = 0x000d,
  varint = 0x000e,
  timeuuid = 0x000f,
  inet = 0x0010,
  date = 0x0011,
  time = 0x0012,
  smallint = 0x0013,
  tinyint = 0x0014,
  list = 0x0020,
  map = 0x0021,
  set = 0x0022,
  udt = 0x0030,
  tuple = 0x0031
};

struct Type {
  TypeId id = TypeId::blob;
  std::vector<Type> of;  // a list's or set's one, a map's two, a tuple's and a user type's many

  // As CQL writes it: "map<text, frozen…>" without the frozen.
  std::string name() const;
  friend bool operator==(const Type&, const Type&) = default;
};

// Throws Malformed, also for types in types in types without an end.
Type take_type(BodyReader& body);

}  // namespace meerkat::cassandra
