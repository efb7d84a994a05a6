// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/schema.h"

namespace meerkat::cassandra {
namespace {

constexpr std::string_view tables[] = {
    // Small things by name: `room` says whose they are.
    R"(CREATE TABLE IF NOT EXISTS key_values (
  room text,
  key text,
  value blob,
  PRIMARY KEY (room, key)
))"};

}  // namespace

std::span<const std::string_view> schema() { return tables; }

Task<> create_tables(Client& client) {
  for (const std::string_view table : schema()) co_await client.run(table);
}

}  // namespace meerkat::cassandra
