// SPDX-License-Identifier: Apache-2.0
#include "store/redis/redis_link.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "runtime/mail_batch.h"
#include "store/pool/unavailable.h"

namespace meerkat::redis {
namespace {

// What is written at once at most, so that the first answers need not wait for the last questions.
constexpr std::size_t most_outgoing = std::size_t{256} << 10;

template <std::size_t N>
bool has_code(const std::string& error, const std::array<std::string_view, N>& codes) {
  return std::ranges::find(codes, std::string_view{error}.substr(0, error.find(' '))) != codes.end();
}

// Another connection, perhaps to another server after a failover, may be better off.
bool ends_the_connection(const std::string& error) {
  return has_code(error, std::array<std::string_view, 4>{"LOADING", "READONLY", "MASTERDOWN", "NOAUTH"});
}

// Redis cannot do it now, whatever the connection and whatever was asked: no memory, no disk, a script that runs on, a
// cluster, whose redirections (MOVED, ASK) nobody follows here.
bool cannot_serve_now(const std::string& error) {
  return has_code(error, std::array<std::string_view, 8>{"OOM", "MISCONF", "BUSY", "NOREPLICAS", "TRYAGAIN",
                                                         "CLUSTERDOWN", "MOVED", "ASK"});
}

}  // namespace

void RedisLink::connect(SteadyTime until) {
  connection_.open(until);
  if (needs_master_) connection_.insist_on_master(until);
  outgoing_.clear();
  flying_.clear();
}

void RedisLink::serve(Call& call, CallSupply& more) {
  Call* next = &call;
  while (next != nullptr || !flying_.empty()) {
    gather(next, more);
    const SteadyTime until = more.deadline(*flying_.front());  // of the oldest, so of the one that ends first
    if (!outgoing_.empty()) {
      connection_.send(outgoing_, until);
      more.count_traffic(outgoing_.size(), 0);
      outgoing_.clear();
    }
    more.count_traffic(0, connection_.receive(until));
    take_replies(more);
    next = more.take();
  }
}

// Writes down what is asked, this and what waits behind it.
void RedisLink::gather(Call* call, CallSupply& more) {
  while (call != nullptr) {
    ask(*call);
    call = outgoing_.size() < most_outgoing ? more.take() : nullptr;
  }
}

void RedisLink::ask(Call& call) {
  auto& asked = static_cast<RedisCall&>(call);
  asked.replies.clear();  // of an attempt on another connection
  outgoing_ += asked.commands.bytes();
  flying_.push_back(&asked);
}

bool RedisLink::send(CallSupply& calls) {
  const std::size_t sent = connection_.send_now(outgoing_);
  calls.count_traffic(sent, 0);
  outgoing_.erase(0, sent);
  return !outgoing_.empty();
}

void RedisLink::hear(CallSupply& calls) {
  calls.count_traffic(0, connection_.receive_now());
  take_replies(calls);
}

void RedisLink::take_replies(CallSupply& more) {
  const MailBatch together;
  Reply reply;
  while (connection_.next(reply)) {
    if (flying_.empty()) throw std::runtime_error{"Redis answered what was not asked"};
    RedisCall& call = *flying_.front();
    if (const std::string* const error = reply.error(); error != nullptr && ends_the_connection(*error)) renew(*error);
    call.replies.push_back(std::move(reply));
    if (call.replies.size() < call.commands.count()) continue;
    flying_.pop_front();
    finish(call, more);
  }
}

void RedisLink::finish(RedisCall& call, CallSupply& more) {
  for (const Reply& reply : call.replies)
    if (const std::string* const error = reply.error(); error != nullptr && cannot_serve_now(*error))
      return more.finish(call, std::make_exception_ptr(Unavailable{"Redis: " + *error}));
  more.finish(call);
}

void RedisLink::renew(const std::string& words) {
  if (words.starts_with("READONLY")) needs_master_ = true;
  throw Unavailable{"Redis: " + words};
}

void RedisLink::keep_alive(SteadyTime until) {
  const Reply answer = connection_.ask(Commands{}.add("PING"), until);
  if (const std::string* const error = answer.error()) throw std::runtime_error{"Redis: " + *error};
}

void RedisLink::hears() {
  connection_.receive_now();
  Reply reply;
  if (!connection_.next(reply)) return;
  const std::string* const error = reply.error();
  throw std::runtime_error{error != nullptr ? "Redis: " + *error : "Redis answered what was not asked"};
}

}  // namespace meerkat::redis
