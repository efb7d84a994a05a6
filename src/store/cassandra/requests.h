// SPDX-License-Identifier: Apache-2.0
// Requests of the protocol, each appended to what is to be sent. CQL §4.1
// All throw BadStatement, and then have appended nothing, when a value does not fit its place or all is too long.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/cassandra/statement.h"

namespace meerkat::cassandra {

// A statement as a connection's server knows it.
struct Prepared {
  std::string text;
  std::string id;
  std::vector<Column> parameters;
};
using PreparedStatement = std::shared_ptr<const Prepared>;

void put_startup(std::string& out, std::int16_t stream);
void put_options(std::string& out, std::int16_t stream);
// PlainTextAuthenticator's token: SASL PLAIN without an authorization name.
void put_auth_response(std::string& out, std::int16_t stream, std::string_view username, std::string_view password);
// Events of the nodes and of the schema.
void put_register(std::string& out, std::int16_t stream);
// Without values, and not prepared.
void put_query(std::string& out, std::int16_t stream, std::string_view text, const Wishes& wishes = {});
void put_prepare(std::string& out, std::int16_t stream, std::string_view text);
void put_execute(std::string& out, std::int16_t stream, const Prepared& prepared, const Statement& statement,
                 std::string_view page);
// `prepared` are those of `writes`, in their order.
void put_batch(std::string& out, std::int16_t stream, Batch::Kind kind, std::span<const PreparedStatement> prepared,
               std::span<const Batch::Write> writes, const Wishes& wishes);

}  // namespace meerkat::cassandra
