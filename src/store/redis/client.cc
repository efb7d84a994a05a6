// SPDX-License-Identifier: Apache-2.0
#include "store/redis/client.h"

#include <stdexcept>
#include <utility>

#include "base/text.h"
#include "store/redis/redis_link.h"
#include "xmpp/named_hash.h"

namespace meerkat::redis {
namespace {

// How many calls are under way on a connection at most, and how often an idle one shows that it is alive.
constexpr std::size_t pipelined = 128;
constexpr std::chrono::milliseconds keepalive_interval{30'000};

Commands evaluation(std::string_view how, const std::string& what, std::span<const std::string_view> keys,
                    std::span<const std::string_view> arguments) {
  const std::string count = std::to_string(keys.size());
  std::vector<std::string_view> words{how, what, count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return Commands{}.add_list(words);
}

MakeLink links_to(const RedisConnection& connection, const std::string& name) {
  return [connection, name] { return std::make_unique<RedisLink>(connection, name); };
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), digest_(hex(named_hash("sha-1", text_).value())) {}

Client::Client(const PoolSettings& settings, const RedisConnection& connection)
    : pool_(settings, links_to(connection, settings.name)) {}

Task<Reply> Client::ask(Commands command, bool may_repeat) {
  RedisCall call{std::move(command)};
  call.may_repeat = may_repeat;
  co_await pool_.perform(call);
  Reply reply = std::move(call.replies.front());
  if (const std::string* const error = reply.error()) throw Refused{*error};
  co_return reply;
}

Task<Replies> Client::ask_all(Commands commands) {
  RedisCall call{std::move(commands)};
  co_await pool_.perform(call);
  co_return std::move(call.replies);
}

Task<Replies> Client::pipeline(Commands commands) {
  if (commands.empty()) co_return Replies{};
  co_return co_await ask_all(std::move(commands));
}

Task<Replies> Client::transaction(Commands commands) {
  if (commands.empty()) co_return Replies{};
  const std::size_t count = commands.count();
  Replies replies = co_await ask_all(Commands{}.add("MULTI").append(commands).add("EXEC"));
  // What was wrong with a command says more than that nothing was executed because of it.
  for (std::size_t i = 0; i <= count; ++i)
    if (const std::string* const error = replies[i].error()) throw Refused{*error};
  co_return std::move(replies.back().array());
}

Task<Reply> Client::run(const Script& script, std::span<const std::string_view> keys,
                        std::span<const std::string_view> arguments) {
  return run_digest(evaluation("EVALSHA", script.digest(), keys, arguments),
                    evaluation("EVAL", script.text(), keys, arguments));
}

Task<Reply> Client::run_digest(Commands by_digest, Commands by_text) {
  RedisCall call{std::move(by_digest)};
  co_await pool_.perform(call);
  Reply reply = std::move(call.replies.front());
  const std::string* const error = reply.error();
  if (error == nullptr) co_return reply;
  if (!error->starts_with("NOSCRIPT")) throw Refused{*error};
  co_return co_await ask(std::move(by_text), false);
}

Task<Page> Client::scan(std::string_view cursor, std::string_view pattern, std::size_t count) {
  return ask_page(Commands{}.add("SCAN", cursor, "MATCH", pattern, "COUNT", count));
}

Task<Page> Client::scan_members(std::string_view command, std::string_view key, std::string_view cursor,
                                std::size_t count) {
  return ask_page(Commands{}.add(command, key, cursor, "COUNT", count));
}

Task<Page> Client::ask_page(Commands command) {
  const Reply reply = co_await ask(std::move(command), true);
  const Reply::Array& parts = reply.array();
  if (parts.size() != 2) throw UnexpectedReply{"Redis answered a scan in " + std::to_string(parts.size()) + " parts"};
  co_return Page{.items = parts[1].texts(), .cursor = parts[0].text()};
}

}  // namespace meerkat::redis

namespace meerkat {

std::shared_ptr<redis::Client> open_redis(std::string name, const RedisPoolOptions& options) {
  PoolSettings settings;
  settings.name = std::move(name);
  settings.options = options.pool;
  settings.back_off = {.first = std::chrono::milliseconds{100}, .longest = std::chrono::milliseconds{30'000}};
  settings.keepalive_interval = redis::keepalive_interval;
  settings.depth = redis::pipelined;
  return std::make_shared<redis::Client>(settings, options.connection);
}

}  // namespace meerkat
