// SPDX-License-Identifier: Apache-2.0
// One worker's connection to a Cassandra: logs in, prepares what it is asked to execute, and has several questions
// under way at once, which are answered in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/cassandra/cassandra_options.h"
#include "store/cassandra/prepared_statements.h"
#include "store/cassandra/question.h"
#include "store/cassandra/responses.h"
#include "store/cassandra/servers.h"
#include "store/cassandra/wire.h"
#include "store/pool/link.h"

namespace meerkat::cassandra {

// How many questions one session works on at most.
constexpr std::size_t session_depth = 64;

class Session final : public Link {
 public:
  // `first`: the server to begin with.
  Session(std::shared_ptr<const CassandraConnection> options, std::shared_ptr<Servers> servers, std::size_t first)
      : options_(std::move(options)), servers_(std::move(servers)), first_(first) {}

  void connect(SteadyTime until) override;
  void close() noexcept override;
  void serve(Call& call, CallSupply& more) override;
  void keep_alive(SteadyTime until) override;
  int descriptor() const override { return wire_.descriptor(); }
  void hears() override;

 private:
  // One stream of the connection, by which a question and its answer find each other. CQL §2.3
  struct Stream {
    bool is_taken = false;
    Question* question = nullptr;  // null, though it is taken: nobody waits for this answer any more
    SteadyTime asked_at{};
    SteadyTime until{};
    std::vector<PreparedStatement> prepared;  // those of the question's statements that are ready
    int times_forgotten = 0;                  // how often the server did not know them
  };

  void connect_to(std::size_t place, SteadyTime until);
  void log_in(SteadyTime until);
  void use_keyspace(SteadyTime until);
  // Sends what was written for `own_stream` and waits for its answer.
  Frame ask(SteadyTime until);
  // The same, and it must be this.
  void expect(Opcode opcode, std::string_view what, SteadyTime until);

  void begin(Call& call, CallSupply& more);
  void take_more(CallSupply& more);
  std::int16_t free_stream();
  void proceed(std::int16_t number, CallSupply* supply);
  void write_request(std::int16_t number, const Stream& stream);
  void listen(CallSupply& more);
  void handle(const Frame& frame, CallSupply* supply);
  void answered(std::int16_t number, const Frame& frame, CallSupply* supply);
  void refused(std::int16_t number, const Refusal& refusal, CallSupply* supply);
  void heard(const Event& event);
  void finish(Stream& stream, CallSupply* supply, std::exception_ptr failure = nullptr);
  void expire(CallSupply& more);
  void may_leave(const Refusal& refusal);
  SteadyTime earliest_deadline() const;
  std::size_t under_way() const;

  const std::shared_ptr<const CassandraConnection> options_;
  const std::shared_ptr<Servers> servers_;
  Wire wire_;
  std::size_t first_;
  std::size_t place_ = 0;  // of the server that we are connected to
  PreparedStatements prepared_;
  std::vector<Stream> streams_;  // number n stands at n - 1
  std::string leaving_;          // why this server is left when all is answered
  SteadyTime left_at_{};
};

}  // namespace meerkat::cassandra
