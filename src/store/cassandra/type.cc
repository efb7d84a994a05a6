// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/type.h"

#include <array>
#include <string_view>
#include <utility>

namespace meerkat::cassandra {
namespace {

constexpr int deepest = 16;

constexpr std::array names{std::pair{TypeId::custom, "custom"},
                           std::pair{TypeId::ascii, "ascii"},
                           std::pair{TypeId::bigint, "bigint"},
                           std::pair{TypeId::blob, "blob"},
                           std::pair{TypeId::boolean, "boolean"},
                           std::pair{TypeId::counter, "counter"},
                           std::pair{TypeId::decimal, "decimal"},
                           std::pair{TypeId::double_, "double"},
                           std::pair{TypeId::float_, "float"},
                           std::pair{TypeId::int_, "int"},
                           std::pair{TypeId::timestamp, "timestamp"},
                           std::pair{TypeId::uuid, "uuid"},
                           std::pair{TypeId::varchar, "text"},
                           std::pair{TypeId::varint, "varint"},
                           std::pair{TypeId::timeuuid, "timeuuid"},
                           std::pair{TypeId::inet, "inet"},
                           std::pair{TypeId::date, "date"},
                           std::pair{TypeId::time, "time"},
                           std::pair{TypeId::smallint, "smallint"},
                           std::pair{TypeId::tinyint, "tinyint"},
                           std::pair{TypeId::list, "list"},
                           std::pair{TypeId::map, "map"},
                           std::pair{TypeId::set, "set"},
                           std::pair{TypeId::udt, "user type"},
                           std::pair{TypeId::tuple, "tuple"}};

Type take_type_within(BodyReader& body, int depth) {
  if (depth > deepest) throw Malformed{"Cassandra: types within types without an end"};
  Type type{static_cast<TypeId>(body.take_short()), {}};
  std::size_t parts = 0;
  const bool has_names = type.id == TypeId::udt;
  switch (type.id) {
    case TypeId::custom:
      body.take_string();
      break;
    case TypeId::list:
    case TypeId::set:
      parts = 1;
      break;
    case TypeId::map:
      parts = 2;
      break;
    case TypeId::udt:
      body.take_string();
      body.take_string();
      [[fallthrough]];
    case TypeId::tuple:
      parts = body.take_short();
      break;
    default:
      break;  // also types that are younger than we are: their values stay bytes
  }
  for (; parts > 0; --parts) {
    if (has_names) body.take_string();
    type.of.push_back(take_type_within(body, depth + 1));
  }
  return type;
}

}  // namespace

Type take_type(BodyReader& body) { return take_type_within(body, 0); }

std::string Type::name() const {
  std::string text = "unknown";
  for (const auto& [known, word] : names)
    if (known == id) text = word;
  for (std::size_t i = 0; i < of.size(); ++i) text += (i == 0 ? "<" : ", ") + of[i].name();
  return of.empty() ? text : text + ">";
}

}  // namespace meerkat::cassandra
