// SPDX-License-Identifier: Apache-2.0
// What the server answers and says unasked. CQL §4.2
// Everything throws Malformed when the body is not what the protocol says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "store/cassandra/errors.h"
#include "store/cassandra/requests.h"
#include "store/cassandra/statement.h"

namespace meerkat::cassandra {

// Something other than rows: nothing, a keyspace that is used, a schema that was changed.
struct Done {};

// The RESULT of a query. The text of a Prepared is not said.
using Result = std::variant<Done, Rows, Prepared>;

struct Event {
  enum class What : std::uint8_t { node_up, node_down, node_new, node_removed, schema_changed, unknown };

  What what = What::unknown;
  std::string address;  // of a node
  std::uint16_t port = 0;
};

Result result_from(std::string_view body);
Refusal refusal_from(std::string_view body);
Event event_from(std::string_view body);

}  // namespace meerkat::cassandra
