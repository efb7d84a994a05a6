// SPDX-License-Identifier: Apache-2.0
// A pool of sessions with a Cassandra or ScyllaDB: what modules use.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/task.h"
#include "store/cassandra/cassandra_options.h"
#include "store/cassandra/question.h"
#include "store/cassandra/statement.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat::cassandra {

// Awaited on any worker; what is given is borrowed until the answer is there. Everything throws BadStatement, which
// will not get better, or Unavailable, which may. What a server cannot do because it is overloaded, still starting or
// sees too few replicas is tried up to three times more where there are other servers.
class Client {
 public:
  Client(PoolSettings settings, const CassandraConnection& options);

  // The first page of what it brings, or the page behind `Rows::next_page` of the one before.
  Task<Rows> execute(const Statement& statement, std::string_view page = {});
  // All pages, so the statement should have a LIMIT or be known to bring few.
  Task<Rows> fetch_all(const Statement& statement);
  // An unlogged batch may be half done when it fails.
  Task<> write(const Batch& batch);
  // Without values, not prepared: for what changes the schema.
  Task<> run(std::string_view text);

  OutgoingPool& pool() { return pool_; }

 private:
  Task<Rows> ask(Question::What what);
  Task<> write_in_pieces(const Batch& batch);

  const int more_attempts_;
  OutgoingPool pool_;
};

}  // namespace meerkat::cassandra

namespace meerkat {

// `name` is for log lines and commands: "cassandra.default". Connects in the background.
std::shared_ptr<cassandra::Client> open_cassandra(std::string name, const CassandraPoolOptions& options);

}  // namespace meerkat
