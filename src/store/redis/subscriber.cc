// SPDX-License-Identifier: Apache-2.0
#include "store/redis/subscriber.h"

#include <poll.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/random.h"
#include "runtime/worker.h"

namespace meerkat::redis {
namespace {

// Waits until the subscriber is woken, or the connection (-1 for none) has something to say. False when neither came.
bool wait_for(WakeUp& wake_up, int connection, std::chrono::milliseconds longest) {
  std::array<::pollfd, 2> watched{{{wake_up.descriptor(), POLLIN, 0}, {connection, POLLIN, 0}}};
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(longest.count()));
  if (watched[0].revents != 0) wake_up.hush();
  return ready != 0;
}

}  // namespace

struct Subscriber::Listener {
  std::string channel;
  Ear ear;
  Worker* home;
  bool has_ended = false;      // its worker's
  std::uint64_t heard_on = 0;  // the connection on which it listens; the subscriber's lock guards it
};

Subscriber::Subscription::Subscription(Subscriber& subscriber, std::shared_ptr<Listener> listener)
    : subscriber_(subscriber), listener_(std::move(listener)) {}

Subscriber::Subscription::~Subscription() {
  listener_->has_ended = true;
  subscriber_.unsubscribe(listener_);
}

Subscriber::Subscriber(std::string name, const RedisConnection& connection, SubscriberTimes times)
    : name_(std::move(name)), times_(times), connection_(connection, name_), back_off_(times.back_off), thread_([this] {
        run();
      }) {}

Subscriber::~Subscriber() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_up_.ring();
  thread_.join();
}

std::unique_ptr<Subscriber::Subscription> Subscriber::subscribe(std::string channel, Ear ear) {
  check(Worker::current() != nullptr, "channels are listened to on a worker");
  auto listener = std::make_shared<Listener>(Listener{std::move(channel), std::move(ear), Worker::current()});
  {
    const std::lock_guard lock{mutex_};
    channels_[listener->channel].push_back(listener);
    // Also when others listen already: the answer tells from when on this one does.
    changes_.add("SUBSCRIBE", listener->channel);
  }
  wake_up_.ring();
  return std::make_unique<Subscription>(*this, std::move(listener));
}

void Subscriber::unsubscribe(const std::shared_ptr<Listener>& listener) {
  {
    const std::lock_guard lock{mutex_};
    const auto found = channels_.find(listener->channel);
    std::erase(found->second, listener);
    if (!found->second.empty()) return;
    channels_.erase(found);
    changes_.add("UNSUBSCRIBE", listener->channel);
  }
  wake_up_.ring();
}

bool Subscriber::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void Subscriber::run() {
  while (!is_stopping()) {
    try {
      connect();
      while (!is_stopping()) listen();
    } catch (const std::exception& failure) {  // tried again
      broke(failure);
    }
  }
  connection_.close();
}

void Subscriber::connect() {
  connection_.open(std::chrono::steady_clock::now() + times_.connect_timeout);
  ++connections_;
  was_asked_ = false;
  {
    const std::lock_guard lock{mutex_};
    changes_ = {};
    for (const auto& [channel, listeners] : channels_) changes_.add("SUBSCRIBE", channel);
  }
  back_off_.worked();
  if (const auto failures = trouble_.ends())
    log_notice("redis_subscriber_up", {{"subscriber", name_}, {"failures", *failures}});
}

void Subscriber::broke(const std::exception& failure) {
  connection_.close();
  const std::chrono::milliseconds delay = back_off_.failed(random_u64());
  if (trouble_.begins())
    log_error("redis_subscriber_down",
              {{"subscriber", name_}, {"error", failure.what()}, {"next_try_in_ms", delay.count()}});
  const SteadyTime next_try = std::chrono::steady_clock::now() + delay;
  while (!is_stopping()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_try - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    wait_for(wake_up_, -1, left);
  }
}

void Subscriber::listen() {
  send_changes();
  if (wait_for(wake_up_, connection_.descriptor(), times_.silence))
    read();
  else
    shows_life();
}

void Subscriber::send_changes() {
  Commands changes;
  {
    const std::lock_guard lock{mutex_};
    changes = std::exchange(changes_, {});
  }
  if (!changes.empty()) connection_.send(changes.bytes(), std::chrono::steady_clock::now() + times_.connect_timeout);
}

void Subscriber::shows_life() {
  if (std::exchange(was_asked_, true)) throw std::runtime_error{"Redis does not answer"};
  connection_.send(Commands{}.add("PING").bytes(), std::chrono::steady_clock::now() + times_.connect_timeout);
}

void Subscriber::read() {
  while (connection_.receive_now() > 0) {
    was_asked_ = false;
    for (Reply reply; connection_.next(reply);) takes(reply);
  }
}

// An array: what happened, the channel, and the message or how many channels there are; or the answer of PING.
void Subscriber::takes(Reply& reply) {
  if (const std::string* const error = reply.error()) throw std::runtime_error{"Redis: " + *error};
  if (!std::holds_alternative<Reply::Array>(reply.content()) || reply.array().size() < 3) return;
  const std::string& what = reply.array()[0].text();
  if (what == "message")
    heard(reply.array()[1].text(), reply.array()[2].text());
  else if (what == "subscribe")
    subscribed_to(reply.array()[1].text());
}

void Subscriber::subscribed_to(const std::string& channel) {
  const std::lock_guard lock{mutex_};
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  for (const auto& listener : found->second) {
    if (listener->heard_on == connections_) continue;
    const Listening how = std::exchange(listener->heard_on, connections_) == 0 ? Listening::at_first : Listening::again;
    listener->home->call([listener, how] {
      if (!listener->has_ended && listener->ear.listens) listener->ear.listens(how);
    });
  }
}

void Subscriber::heard(const std::string& channel, const std::string& message) {
  const std::lock_guard lock{mutex_};
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  for (const auto& listener : found->second)
    listener->home->call([listener, message] {
      if (!listener->has_ended) listener->ear.hears(message);
    });
}

}  // namespace meerkat::redis
