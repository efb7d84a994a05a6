// SPDX-License-Identifier: Apache-2.0
// Listens to channels of Redis (SUBSCRIBE) on a connection and a thread of its own, which connects anew by itself.
// Redis keeps nothing for who is away, so listeners are told from when on they hear.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/trouble.h"
#include "runtime/wake_up.h"
#include "store/pool/back_off.h"
#include "store/redis/commands.h"
#include "store/redis/connection.h"
#include "store/redis/redis_options.h"

namespace meerkat::redis {

enum class Listening : std::uint8_t {
  at_first,  // what is published from now on is heard
  again      // the same, and what was published since the connection was lost is lost as well
};

// What a listener is told, on the worker that subscribed.
struct Ear {
  std::function<void(const std::string& message)> hears;
  std::function<void(Listening)> listens;  // may be empty
};

struct SubscriberTimes {
  BackOffLimits back_off{.first = std::chrono::milliseconds{100}, .longest = std::chrono::milliseconds{30'000}};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds silence{30'000};  // then the connection is asked whether it is alive
};

// Any thread, but for the destructor, which waits for the end of an attempt to connect. Workers that have subscribed
// outlive it.
class Subscriber {
 public:
  class Subscription;

  // `name` is for log lines and CLIENT LIST.
  Subscriber(std::string name, const RedisConnection& connection, SubscriberTimes times = {});
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // On a worker. It listens until the subscription is destroyed, on the same worker and before the subscriber is.
  std::unique_ptr<Subscription> subscribe(std::string channel, Ear ear);

 private:
  struct Listener;
  using Listeners = std::vector<std::shared_ptr<Listener>>;

  void unsubscribe(const std::shared_ptr<Listener>& listener);
  bool is_stopping() const;

  void run();
  void connect();
  void listen();
  void broke(const std::exception& failure);
  void send_changes();
  void shows_life();
  void read();
  void takes(Reply& reply);
  void subscribed_to(const std::string& channel);
  void heard(const std::string& channel, const std::string& message);

  const std::string name_;
  const SubscriberTimes times_;
  WakeUp wake_up_;

  // Of its thread.
  Connection connection_;
  BackOff back_off_;
  Trouble trouble_;
  std::uint64_t connections_ = 0;  // how many there have been
  bool was_asked_ = false;         // whether it is alive, and has not answered

  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Listeners> channels_;
  Commands changes_;  // not sent yet
  bool stopping_ = false;

  std::thread thread_;
};

class Subscriber::Subscription {
 public:
  Subscription(Subscriber& subscriber, std::shared_ptr<Listener> listener);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  Subscriber& subscriber_;
  std::shared_ptr<Listener> listener_;
};

}  // namespace meerkat::redis
