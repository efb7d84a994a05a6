// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/client.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <span>
#include <utility>

#include "store/cassandra/errors.h"
#include "store/cassandra/session.h"

namespace meerkat::cassandra {
namespace {

using namespace std::chrono_literals;

constexpr int most_more_attempts = 3;
// Cassandra refuses batches of more than 50 KiB unless told otherwise (batch_size_fail_threshold).
constexpr std::size_t most_bytes = 32 * 1024;
constexpr std::size_t most_writes = 20;

MakeLink make_sessions(const CassandraConnection& options) {
  struct Common {
    std::shared_ptr<const CassandraConnection> options;
    std::shared_ptr<Servers> servers;
    std::atomic<std::size_t> sessions{0};
  };
  auto common = std::make_shared<Common>();
  common->options = std::make_shared<const CassandraConnection>(options);
  common->servers = std::make_shared<Servers>(options.servers);
  return [common] {
    const std::size_t first = common->sessions.fetch_add(1) % common->servers->size();
    return std::make_unique<Session>(common->options, common->servers, first);
  };
}

std::size_t size_of(const Batch::Write& write) {
  std::size_t sum = 0;
  for (const Value& value : write.values) sum += value.size();
  return sum;
}

// How many of the writes go into one request; one at least.
std::size_t fitting(std::span<const Batch::Write> writes, std::size_t most) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < std::min(writes.size(), most)) {
    bytes += size_of(writes[count]);
    if (count > 0 && bytes > most_bytes) break;
    ++count;
  }
  return count;
}

}  // namespace

Client::Client(PoolSettings settings, const CassandraConnection& options)
    : more_attempts_(options.servers.size() > 1 ? most_more_attempts : 0),
      pool_(std::move(settings), make_sessions(options)) {}

Task<Rows> Client::ask(Question::What what) {
  for (int attempt = 0;; ++attempt) {
    Question question{what};
    try {
      co_await pool_.perform(question);
      co_return std::move(question.answer);
    } catch (const NotNow& refusal) {
      if (!refusal.may_go_elsewhere() || attempt >= more_attempts_) throw;
    }
  }
}

Task<Rows> Client::execute(const Statement& statement, std::string_view page) {
  return ask(Question::Execution{statement, page});
}

Task<Rows> Client::fetch_all(const Statement& statement) {
  Rows all = co_await execute(statement);
  while (!all.next_page.empty()) {
    const std::string page = std::exchange(all.next_page, {});
    Rows more = co_await execute(statement, page);
    all.cells.insert(all.cells.end(), std::move_iterator{more.cells.begin()}, std::move_iterator{more.cells.end()});
    all.next_page = std::move(more.next_page);
  }
  co_return all;
}

Task<> Client::run(std::string_view text) { co_await ask(Question::Plain{text}); }

Task<> Client::write(const Batch& batch) {
  if (batch.writes.empty()) co_return;
  if (batch.kind != Batch::Kind::logged) {
    co_await write_in_pieces(batch);
    co_return;
  }
  co_await ask(Question::Writes{batch.kind, batch.writes, batch.wishes});
}

// A piece that is refused for its size is halved, and those behind it are no larger.
Task<> Client::write_in_pieces(const Batch& batch) {
  std::span<const Batch::Write> left{batch.writes};
  std::size_t most = most_writes;
  while (!left.empty()) {
    const std::size_t count = fitting(left, most);
    try {
      co_await ask(Question::Writes{batch.kind, left.first(count), batch.wishes});
      left = left.subspan(count);
    } catch (const BadStatement& refusal) {
      if (!is_too_large(refusal) || count == 1) throw;
      most = count / 2;
    }
  }
}

}  // namespace meerkat::cassandra

namespace meerkat {

std::shared_ptr<cassandra::Client> open_cassandra(std::string name, const CassandraPoolOptions& options) {
  using namespace std::chrono_literals;
  PoolSettings settings{.name = std::move(name), .options = options.pool};
  settings.keepalive_interval = 30s;
  settings.depth = cassandra::session_depth;
  return std::make_shared<cassandra::Client>(std::move(settings), options.connection);
}

}  // namespace meerkat
