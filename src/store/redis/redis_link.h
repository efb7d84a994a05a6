// SPDX-License-Identifier: Apache-2.0
// Redis as a kind of pool: calls are sent without waiting for the answers of those before, which come in order.
#pragma once

#include <deque>
#include <string>

#include "store/pool/link.h"
#include "store/redis/connection.h"

namespace meerkat::redis {

// Commands that are sent together, and their replies.
struct RedisCall final : AwaitedCall {
  explicit RedisCall(Commands commands) : commands(std::move(commands)) {}

  Commands commands;
  Replies replies;
};

class RedisLink final : public Link, private Flow {
 public:
  RedisLink(const RedisConnection& options, const std::string& name) : connection_(options, name) {}

  void connect(SteadyTime until) override;
  void close() noexcept override { connection_.close(); }
  void serve(Call& call, CallSupply& more) override;
  void keep_alive(SteadyTime until) override;
  int descriptor() const override { return connection_.descriptor(); }
  void hears() override;
  // TLS may want to read before it can write, and is left to a thread that may wait.
  Flow* flow() override { return connection_.has_tls() ? nullptr : this; }

 private:
  void ask(Call& call) override;
  bool send(CallSupply& calls) override;
  void hear(CallSupply& calls) override;
  void gather(Call* call, CallSupply& more);
  void take_replies(CallSupply& more);
  void finish(RedisCall& call, CallSupply& more);
  [[noreturn]] void renew(const std::string& words);

  Connection connection_;
  std::deque<RedisCall*> flying_;  // sent, or about to be, and not answered as a whole
  std::string outgoing_;
  bool needs_master_ = false;  // a write was refused here once
};

}  // namespace meerkat::redis
