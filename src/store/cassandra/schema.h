// SPDX-License-Identifier: Apache-2.0
// The tables that we keep in Cassandra.
#pragma once

#include <span>
#include <string_view>

#include "runtime/task.h"
#include "store/cassandra/client.h"

namespace meerkat::cassandra {

// CREATE TABLE IF NOT EXISTS…, in their order.
std::span<const std::string_view> schema();

// Creates what is missing in the keyspace of the client. The keyspace is the operator's: only they know how many
// copies of what we keep they want.
Task<> create_tables(Client& client);

}  // namespace meerkat::cassandra
