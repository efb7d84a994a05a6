// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/responses.h"

#include <utility>

#include "store/cassandra/value_codec.h"

namespace meerkat::cassandra {
namespace {

// CQL §4.2.5
enum class Kind : std::int32_t { nothing = 1, rows = 2, keyspace = 3, prepared = 4, schema_change = 5 };
// CQL §4.2.5.2
constexpr std::int32_t one_table = 0x01, has_more_pages = 0x02, no_metadata = 0x04;

// What a column takes at least: an empty name and a type.
constexpr std::size_t least_column = 4;
constexpr std::size_t least_cell = 4;

std::vector<Column> take_columns(BodyReader& body, std::int32_t flags, std::size_t count) {
  const bool is_one_table = (flags & one_table) != 0;
  const auto skip_table = [&body] {
    body.take_string();
    body.take_string();
  };
  if (is_one_table) skip_table();
  std::vector<Column> columns;
  for (; count > 0; --count) {
    if (!is_one_table) skip_table();
    std::string name{body.take_string()};
    columns.push_back({std::move(name), take_type(body)});
  }
  return columns;
}

Rows take_rows(BodyReader& body) {
  Rows rows;
  const std::int32_t flags = body.take_int();
  const std::size_t columns = body.take_count(least_column);
  if ((flags & has_more_pages) != 0) rows.next_page = body.take_bytes().value_or("");
  if ((flags & no_metadata) != 0) throw Malformed{"Cassandra: rows without their types, though we need them"};
  rows.columns = take_columns(body, flags, columns);
  const std::int32_t count = body.take_int();
  if (count < 0 || (columns > 0 && static_cast<std::size_t>(count) > body.left() / least_cell / columns))
    throw Malformed{"Cassandra: an answer counts more rows than it holds"};
  rows.cells.reserve(static_cast<std::size_t>(count) * columns);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count) * columns; ++i) {
    const auto bytes = body.take_bytes();
    rows.cells.push_back(bytes ? value_from(*bytes, rows.columns[i % columns].type) : Value{});
  }
  return rows;
}

// Which columns make the partition key, and what the rows will look like, is of no use to us.
Prepared take_prepared(BodyReader& body) {
  Prepared prepared;
  prepared.id = body.take_short_bytes();
  const std::int32_t flags = body.take_int();
  const std::size_t columns = body.take_count(least_column);
  for (std::size_t keys = body.take_count(2); keys > 0; --keys) body.take_short();
  prepared.parameters = take_columns(body, flags, columns);
  return prepared;
}

}  // namespace

Result result_from(std::string_view bytes) {
  BodyReader body{bytes};
  switch (static_cast<Kind>(body.take_int())) {
    case Kind::rows:
      return take_rows(body);
    case Kind::prepared:
      return take_prepared(body);
    case Kind::nothing:
    case Kind::keyspace:
    case Kind::schema_change:
      return Done{};
  }
  throw Malformed{"Cassandra: a result of an unknown kind"};
}

Refusal refusal_from(std::string_view bytes) {
  BodyReader body{bytes};
  Refusal refusal;
  refusal.code = static_cast<ErrorCode>(body.take_int());
  refusal.words = body.take_string();
  if (refusal.code == ErrorCode::unprepared) refusal.statement = body.take_short_bytes();
  return refusal;
}

Event event_from(std::string_view bytes) {
  BodyReader body{bytes};
  const std::string_view type = body.take_string();
  const std::string_view change = body.take_string();
  if (type == "SCHEMA_CHANGE") return {Event::What::schema_changed, {}, 0};
  if (type != "STATUS_CHANGE" && type != "TOPOLOGY_CHANGE") return {};
  Event event;
  event.address = body.take_inet(event.port);
  using enum Event::What;
  if (change == "UP") event.what = node_up;
  if (change == "DOWN") event.what = node_down;
  if (change == "NEW_NODE") event.what = node_new;
  if (change == "REMOVED_NODE") event.what = node_removed;
  return event;
}

}  // namespace meerkat::cassandra
