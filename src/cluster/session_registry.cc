// SPDX-License-Identifier: Apache-2.0
#include "cluster/session_registry.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "base/json_text.h"
#include "base/log.h"
#include "base/random.h"
#include "core/session.h"

namespace meerkat {
namespace {

constexpr std::size_t most_at_once = 256;  // sessions in one call

constexpr std::size_t most_changes = 100'000;  // that wait while Redis is away

// KEYS[1] is the set of what a run has written, ARGV[1] the run, the others are members of the set. What somebody else
// has written meanwhile stays.
constexpr const char* removal = R"(
    local run = '"run":"' .. ARGV[1] .. '"'
    for i = 2, #ARGV do
      local key, resource = string.match(ARGV[i], '^([^/]*)/(.*)$')
      local entry = key and redis.call('HGET', key, resource)
      if entry and string.find(entry, run, 1, true) then redis.call('HDEL', key, resource) end
      redis.call('SREM', KEYS[1], ARGV[i])
    end
    return #ARGV - 1)";

std::string account_key(const Jid& address) {
  std::string key = "s2:";
  key.append(address.node()).append(":").append(address.domain());
  return key;
}

}  // namespace

SessionRegistry::SessionRegistry(Hall& hall, redis::Client& client, RegistryNode node, RegistryTimes times)
    : hall_(hall),
      client_(client),
      node_(std::move(node.name)),
      process_(std::move(node.process)),
      times_(times),
      removal_(removal) {
  begin_run();
}

void SessionRegistry::start() {
  watch_new_hosts();
  begin_rewriting();
  beats();
}

// Host types may come while the server runs.
void SessionRegistry::watch_new_hosts() {
  for (HostType* const host : hall_.hosts()) {
    if (std::ranges::find(watched_, host) != watched_.end()) continue;
    watched_.push_back(host);
    host->hooks.on<&SessionRegistry::opened>(*this);
    host->hooks.on<&SessionRegistry::ended>(*this);
    host->hooks.on<&SessionRegistry::sends_presence>(*this);
    host->hooks.on<&SessionRegistry::available>(*this);
    host->hooks.on<&SessionRegistry::unavailable>(*this);
    host->hooks.on<&SessionRegistry::host_closes>(*this, 99);
    begin_rewriting();
  }
}

Verdict SessionRegistry::opened(SessionOpens& event) {
  changed(event.session);
  return Verdict::next();
}

Verdict SessionRegistry::ended(SessionEnds& event) {
  changed(event.session);
  return Verdict::next();
}

// Its priority may be another now. That is looked at when it is written.
Verdict SessionRegistry::sends_presence(UserSendsPresence& event) {
  changed(event.context.sender);
  return Verdict::next();
}

Verdict SessionRegistry::available(UserBecomesAvailable& event) {
  changed(event.session);
  return Verdict::next();
}

Verdict SessionRegistry::unavailable(UserBecomesUnavailable& event) {
  changed(event.session);
  return Verdict::next();
}

auto SessionRegistry::work_under_way() {
  struct Awaiter {
    SessionRegistry& registry;
    bool await_ready() const noexcept { return !registry.is_working_; }
    void await_suspend(std::coroutine_handle<> waiting) { registry.closing_ = waiting; }
    void await_resume() const noexcept {}
  };
  return Awaiter{*this};
}

Task<Verdict> SessionRegistry::host_closes(HostCloses& event) {
  // Hosts are told one after the other: none waits for Redis before it has kept its sessions.
  if (&event.host != hall_.hosts().back()) co_return Verdict::next();
  if (std::exchange(has_closed_, true)) co_return Verdict::next();
  beat_.cancel();
  soon_.cancel();
  changed_.clear();
  // What is on its way to Redis would be written behind what is removed.
  co_await work_under_way();
  try {
    co_await remove_run(node_, run_);
  } catch (const std::exception& failure) {  // others do it when the lease is over
    log_warning("session_registry_not_cleared", {{"error", failure.what()}});
  }
  co_return Verdict::next();
}

void SessionRegistry::changed(const Session& session) {
  if (has_closed_) return;
  changed_.insert(session.jid);
  if (!trouble_.there()) return work_soon(times_.delay);
  if (changed_.size() < most_changes) return;
  // Another run, which writes all that is there by then; this one is left to those who remove the dead.
  changed_.clear();
  begin_run();
  begin_rewriting();
}

void SessionRegistry::beats() {
  watch_new_hosts();
  beat_.set(hall_.worker.timers(), times_.beat, [](void* self) { static_cast<SessionRegistry*>(self)->beats(); }, this);
  work_soon(std::chrono::milliseconds{0});
}

void SessionRegistry::work_soon(std::chrono::milliseconds after) {
  if (is_working_ || soon_.is_set()) return;
  soon_.set(
      hall_.worker.timers(), after,
      [](void* self) {
        auto& registry = *static_cast<SessionRegistry*>(self);
        registry.hall_.scope.spawn(registry.work());
      },
      this);
}

// One at a time. What fails is tried again at the next beat.
Task<> SessionRegistry::work() {
  is_working_ = true;
  try {
    const SteadyTime now = hall_.worker.clock().steady();
    if (last_beat_ == SteadyTime{} || trouble_.there() || now - last_beat_ >= times_.beat) {
      co_await renew_lease();
      if (!has_closed_) co_await remove_dead_runs();
      last_beat_ = now;
    }
    if (now - last_rewriting_ >= times_.rewriting) begin_rewriting();
    while (!has_closed_ && (!changed_.empty() || is_rewriting_)) co_await write_some();
    if (const auto failures = trouble_.ends()) log_notice("session_registry_works", {{"failures", *failures}});
  } catch (const std::exception& failure) {  // the sessions live on, and are written when that is possible again
    if (trouble_.begins()) log_error("session_registry_fails", {{"error", failure.what()}});
  }
  is_working_ = false;
  if (closing_) hall_.worker.resume(std::exchange(closing_, {}));
}

Task<> SessionRegistry::write_some() {
  if (is_rewriting_) visit_some();
  std::vector<Jid> some;
  while (!changed_.empty() && some.size() < most_at_once) some.push_back(changed_.extract(changed_.begin()).value());
  if (some.empty()) co_return;
  std::exception_ptr failure;
  try {
    const redis::Replies replies = co_await client_.pipeline(changes_of(some));
    for (const redis::Reply& reply : replies)
      if (const std::string* const error = reply.error()) throw redis::Refused{*error};
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  changed_.insert(some.begin(), some.end());
  std::rethrow_exception(failure);
}

// What is said of each session is what it is now, so that the last of many changes is all that is written.
redis::Commands SessionRegistry::changes_of(const std::vector<Jid>& sessions) const {
  redis::Commands commands;
  const std::string written = written_by(node_, run_);
  commands.add("EXPIRE", written, 2 * times_.entries.count());
  for (const Jid& address : sessions) {
    const std::string key = account_key(address);
    const std::string member = key + "/" + std::string{address.resource()};
    if (const Session* const session = hall_.sessions.find_session(address)) {
      commands.add("SADD", written, member).add("HSET", key, address.resource(), entry_of(*session));
      commands.add("EXPIRE", key, times_.entries.count());
    } else {
      commands.add("HDEL", key, address.resource()).add("SREM", written, member);
    }
  }
  return commands;
}

std::string SessionRegistry::entry_of(const Session& session) const {
  return "{\"node\":" + json_string(node_) + ",\"run\":\"" + run_ +
         "\",\"priority\":" + std::to_string(session.priority) +
         ",\"available\":" + (session.available() ? "true" : "false") +
         ",\"since\":" + std::to_string(session.opened_at) + "}";
}

std::string SessionRegistry::written_by(std::string_view node, std::string_view run) const {
  std::string key = "n:";
  key.append(node).append(":").append(run);
  return key;
}

void SessionRegistry::begin_run() { run_ = process_ + "." + random_token(64); }

void SessionRegistry::begin_rewriting() {
  position_ = 0;
  is_rewriting_ = true;
}

void SessionRegistry::visit_some() {
  while (changed_.size() < most_at_once) {
    position_ = hall_.sessions.visit_some(position_, [this](const Session& session) { changed_.insert(session.jid); });
    if (position_ != 0) continue;
    is_rewriting_ = false;
    last_rewriting_ = hall_.worker.clock().steady();
    return;
  }
}

// Without its lease the run may have been taken for dead, or Redis has lost all: another one begins, and writes all.
Task<> SessionRegistry::renew_lease() {
  const redis::Reply left = co_await client_.read("EXISTS", "lease:" + run_);
  if (left.number() == 0) {
    begin_run();
    begin_rewriting();
  }
  redis::Commands commands;
  commands.add("HSET", "nodes", run_, node_).add("SET", "lease:" + run_, node_, "EX", times_.lease.count());
  co_await client_.transaction(std::move(commands));
}

Task<> SessionRegistry::remove_dead_runs() {
  const redis::Reply all = co_await client_.read("HGETALL", "nodes");
  const std::vector<std::string> runs = all.texts();
  for (std::size_t i = 0; i + 1 < runs.size(); i += 2) {
    if (has_closed_) co_return;
    const bool was_before_us = runs[i + 1] == node_ && !runs[i].starts_with(process_ + ".");
    const redis::Reply lives = co_await client_.read("EXISTS", "lease:" + runs[i]);
    if (was_before_us || lives.number() == 0) co_await remove_run(runs[i + 1], runs[i]);
  }
}

Task<> SessionRegistry::remove_run(std::string node, std::string run) {
  const std::string written = written_by(node, run);
  redis::Page page;
  do {
    page = co_await client_.scan_members("SSCAN", written, page.cursor);
    std::vector<std::string_view> arguments{run};
    arguments.insert(arguments.end(), page.items.begin(), page.items.end());
    const std::array<std::string_view, 1> keys{written};
    co_await client_.run(removal_, keys, arguments);
  } while (!page.is_last());
  redis::Commands commands;
  commands.add("DEL", written, "lease:" + run).add("HDEL", "nodes", run);
  co_await client_.transaction(std::move(commands));
}

}  // namespace meerkat
