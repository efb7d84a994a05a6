// SPDX-License-Identifier: Apache-2.0
#include "store/redis/subscriber.h"

#include <mutex>

#include "base/test_file_log.h"
#include "store/redis/test_redis.h"

using namespace meerkat;
using namespace meerkat::redis;
using namespace std::chrono_literals;

namespace {

// What a subscription has told, and whether always on its own worker.
class Notes {
 public:
  Ear ear() {
    return {.hears = [this](const std::string& message) { add(message); },
            .listens = [this](Listening how) { add(how == Listening::again ? "<again>" : "<at first>"); }};
  }
  void on(const Worker* worker) { home_ = worker; }
  std::vector<std::string> all() const {
    const std::lock_guard lock{mutex_};
    return all_;
  }
  bool are(const std::vector<std::string>& expected) const { return all() == expected; }

 private:
  void add(const std::string& what) {
    const std::lock_guard lock{mutex_};
    all_.push_back(Worker::current() == home_ ? what : "<on another worker>");
  }

  mutable std::mutex mutex_;
  std::vector<std::string> all_;
  const Worker* home_ = nullptr;
};

using Held = std::unique_ptr<Subscriber::Subscription>;

Task<Held> subscribe(Subscriber& subscriber, std::string channel, Notes& notes) {
  notes.on(Worker::current());
  co_return subscriber.subscribe(std::move(channel), notes.ear());
}

Task<> end(Held subscription) {
  subscription.reset();
  co_return;
}

SubscriberTimes quick() {
  return {.back_off = {.first = 5ms, .longest = 20ms}, .connect_timeout = 1000ms, .silence = 500ms};
}

}  // namespace

TEST_CASE("who subscribes to a channel of redis hears what is published there, and nothing else") {
  TestRedis redis;
  if (!redis.is_there()) return;
  TestClient publisher{redis.connection()};
  Subscriber subscriber{"redis.default", redis.connection(), quick()};
  Notes news, more_news, weather;
  auto first = publisher.house.ask(subscribe(subscriber, "news", news), 0);
  auto second = publisher.house.ask(subscribe(subscriber, "news", more_news), 1);
  auto third = publisher.house.ask(subscribe(subscriber, "weather", weather), 1);
  eventually([&] { return news.are({"<at first>"}) && more_news.are({"<at first>"}) && weather.are({"<at first>"}); });

  publisher.command("PUBLISH", "news", "one");
  publisher.command("PUBLISH", "other", "nobody");
  publisher.command("PUBLISH", "weather", "rain");
  eventually([&] { return news.all().size() == 2 && more_news.all().size() == 2 && weather.all().size() == 2; });
  publisher.house.ask(end(std::move(first)), 0);
  publisher.command("PUBLISH", "news", "two");
  eventually([&] { return more_news.are({"<at first>", "one", "two"}); });

  CHECK(news.are({"<at first>", "one"}));
  CHECK(weather.are({"<at first>", "rain"}));
  publisher.house.ask(end(std::move(second)), 1);
  eventually([&] { return publisher.command("PUBLISH", "news", "three").number() == 0; });
  publisher.house.ask(end(std::move(third)), 1);
}

TEST_CASE("a subscriber of redis finds it again and tells that something may have been missed") {
  TestRedis redis;
  if (!redis.is_there()) return;
  const FileLog log;
  TestClient publisher{redis.connection()};
  Subscriber subscriber{"redis.default", redis.connection(), quick()};
  Notes news;
  auto held = publisher.house.ask(subscribe(subscriber, "news", news));
  eventually([&] { return news.are({"<at first>"}); });

  redis.cli("CLIENT KILL TYPE pubsub");
  eventually([&] { return news.are({"<at first>", "<again>"}); });
  redis.tell("kill");
  redis.tell("start");
  eventually([&] { return news.are({"<at first>", "<again>", "<again>"}); });
  redis.tell("pause");
  eventually([&] { return log.text().contains("Redis does not answer"); });
  redis.tell("go_on");
  eventually([&] { return news.all().size() == 4; });

  publisher.house.ask(publisher.client.read("PING"));
  publisher.command("PUBLISH", "news", "one");
  eventually([&] { return news.are({"<at first>", "<again>", "<again>", "<again>", "one"}); });
  CHECK(log.count("redis_subscriber_down") == log.count("redis_subscriber_up"));
  publisher.house.ask(end(std::move(held)));
}
