// SPDX-License-Identifier: Apache-2.0
// Redis for modules: commands are awaited on any worker, and go over a few connections that everybody shares.
// Therefore nothing may be asked that changes a connection or blocks it: no SELECT, WATCH, BLPOP, SUBSCRIBE, MONITOR.
//
//   const Reply reply = co_await client.read("GET", key);
//   co_await client.command("SET", key, value, "EX", 60);
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/task.h"
#include "store/pool/outgoing_pool.h"
#include "store/redis/commands.h"
#include "store/redis/redis_options.h"
#include "store/redis/reply.h"

namespace meerkat::redis {

// Lua that Redis runs in one step. Made once, used often: Redis is sent its digest, and the text only if it has not
// met it yet.
class Script {
 public:
  explicit Script(std::string text);
  const std::string& text() const { return text_; }
  const std::string& digest() const { return digest_; }  // SHA-1, hexadecimal

 private:
  std::string text_;
  std::string digest_;
};

// Some of what a walk over keys, or over the members of one key, has met. Redis may tell something twice.
struct Page {
  std::vector<std::string> items;  // of a hash: field, value, field, value…
  std::string cursor = "0";
  bool is_last() const { return cursor == "0"; }
};

// Any thread that is a worker. All throw Unavailable when there is no answer in time or Redis cannot serve, and Refused
// when it answers that the command is wrong. Arguments are copied before the task begins.
class Client {
 public:
  Client(const PoolSettings& settings, const RedisConnection& connection);

  // What changes something: never asked twice, so that after Unavailable nobody knows whether it happened.
  template <class... Words>
  Task<Reply> command(const Words&... words) {
    return ask(Commands{}.add(words...), false);
  }
  // What only reads: asked once more when the connection breaks under it.
  template <class... Words>
  Task<Reply> read(const Words&... words) {
    return ask(Commands{}.add(words...), true);
  }
  // Several commands one after another, sent at once; others' may come between. A refusal is the reply of its command.
  Task<Replies> pipeline(Commands commands);
  // All or none of them in one step (MULTI). Refused when Redis does not take one of them.
  Task<Replies> transaction(Commands commands);
  Task<Reply> run(const Script& script, std::span<const std::string_view> keys,
                  std::span<const std::string_view> arguments = {});

  // The next page of all keys, and of the members of a set, a hash or a sorted set (SSCAN, HSCAN, ZSCAN); from "0" on
  // until the page is the last. `pattern` as Redis takes it; about `count` keys are looked at.
  Task<Page> scan(std::string_view cursor, std::string_view pattern, std::size_t count = 100);
  Task<Page> scan_members(std::string_view command, std::string_view key, std::string_view cursor,
                          std::size_t count = 100);

  OutgoingPool& pool() { return pool_; }
  const OutgoingPool& pool() const { return pool_; }

 private:
  Task<Reply> ask(Commands command, bool may_repeat);
  Task<Replies> ask_all(Commands commands);
  Task<Reply> run_digest(Commands by_digest, Commands by_text);
  Task<Page> ask_page(Commands command);

  OutgoingPool pool_;
};

}  // namespace meerkat::redis

namespace meerkat {

// `name` is the pool's for log lines: "redis.default". Connects in the background.
std::shared_ptr<redis::Client> open_redis(std::string name, const RedisPoolOptions& options);

}  // namespace meerkat
