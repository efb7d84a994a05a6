// SPDX-License-Identifier: Apache-2.0
#include "store/amqp/client.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "store/amqp/session.h"

namespace meerkat::amqp {
namespace {

using What = Heard::What;
using namespace std::chrono_literals;

// How many messages may wait for their confirmation on one channel.
constexpr std::size_t most_unconfirmed = 64;
// A broker that leaves a message without a confirmation, and says nothing else for so long, is not there.
constexpr auto longest_silence = 1s;

SteadyTime now() { return std::chrono::steady_clock::now(); }

struct Asked final : AwaitedCall {
  const Message* message = nullptr;    // to publish, or else
  const Exchange* exchange = nullptr;  // to declare
};

class RabbitLink final : public Link {
 public:
  RabbitLink(const RabbitConnection& settings, PublishFigures& figures)
      : settings_(settings), session_(settings), figures_(figures) {}

  void connect(SteadyTime until) override {
    session_.connect(until);
    forget();
  }
  void close() noexcept override {
    session_.close();
    forget();
  }
  int descriptor() const override { return session_.descriptor(); }

  void serve(Call& call, CallSupply& more) override {
    for (Call* next = &call; next != nullptr; next = more.take()) begin(static_cast<Asked&>(*next), more);
    while (!waiting_.empty()) {
      listen(more);
      count_traffic(more);
      while (Call* const next = more.take()) begin(static_cast<Asked&>(*next), more);
    }
    while (const auto heard = session_.hear_now()) answered(*heard, &more);
    count_traffic(more);
  }

  void hears() override {
    while (const auto heard = session_.hear_now()) answered(*heard, nullptr);
  }
  void keep_alive(SteadyTime until) override {
    hears();
    if (now() - session_.last_heard() > 2 * heartbeat_interval)
      throw Unavailable{"the broker is silent", Unavailable::Why::timed_out};
    session_.beat(until);
  }

 private:
  struct Waiting {
    std::uint64_t tag;  // 0 for a declaration
    Asked* asked;
    SteadyTime since;
    std::size_t size;
  };

  void forget() {
    waiting_.clear();
    last_tag_ = 0;
  }

  void count_traffic(CallSupply& more) {
    const auto [sent, received] = session_.traffic();
    more.count_traffic(sent, received);
  }

  void begin(Asked& asked, CallSupply& more) {
    const SteadyTime until = more.deadline(asked);
    Waiting one{0, &asked, now(), 0};
    try {
      if (asked.exchange != nullptr) {
        session_.declare(*asked.exchange, until);
      } else {
        one.size = session_.publish(*asked.message, until);
        one.tag = ++last_tag_;
      }
    } catch (const NotTaken&) {
      return more.finish(asked, std::current_exception());  // nothing was sent
    }
    if (asked.exchange == nullptr && !settings_.confirms_enabled)
      taken(one, more);
    else
      waiting_.push_back(one);
  }

  void taken(const Waiting& one, CallSupply& more) {
    if (one.tag == 0) {
      figures_.exchanges.fetch_add(1, std::memory_order_relaxed);
    } else {
      figures_.time.took(now() - one.since);
      figures_.bytes.fetch_add(one.size, std::memory_order_relaxed);
      if (figures_.metrics) {
        figures_.metrics->count.add();
        figures_.metrics->time.record(now() - one.since);
        figures_.metrics->size.record(one.size);
      }
    }
    more.finish(*one.asked);
  }

  // Until something was said, or the time of somebody who waits is over.
  void listen(CallSupply& more) {
    const auto earlier = [&more](const Waiting& a, const Waiting& b) {
      return more.deadline(*a.asked) < more.deadline(*b.asked);
    };
    const auto first = std::ranges::min_element(waiting_, earlier);
    if (const auto heard = session_.hear(more.deadline(*first->asked))) return answered(*heard, &more);
    const Waiting late = *first;
    std::string words = "the broker has not confirmed it in time";
    if (!session_.blocked().empty()) words += "; " + session_.blocked();
    const Unavailable failure{words, Unavailable::Why::timed_out};
    if (now() - std::max(late.since, session_.last_heard()) >= longest_silence) throw failure;
    waiting_.erase(first);
    more.finish(*late.asked, std::make_exception_ptr(failure));
  }

  // Null `more`: nobody waits.
  void answered(const Heard& heard, CallSupply* more) {
    switch (heard.what) {
      case What::ack:
      case What::nack:
        return confirmed(heard, more);
      case What::exchange_ok: {
        const auto first = std::ranges::find(waiting_, std::uint64_t{0}, &Waiting::tag);
        if (first == waiting_.end()) return;  // it was too late
        const Waiting one = *first;
        waiting_.erase(first);
        return taken(one, *more);
      }
      case What::channel_close:
        return channel_closed(heard, more);
      default:
        return;
    }
  }

  void confirmed(const Heard& heard, CallSupply* more) {
    const auto is_meant = [&heard](const Waiting& one) {
      return one.tag != 0 && (heard.and_earlier ? one.tag <= heard.tag : one.tag == heard.tag);
    };
    for (auto one = std::ranges::find_if(waiting_, is_meant); one != waiting_.end();
         one = std::ranges::find_if(waiting_, is_meant)) {
      const Waiting meant = *one;
      waiting_.erase(one);
      if (heard.what == What::ack)
        taken(meant, *more);
      else
        more->finish(*meant.asked, std::make_exception_ptr(
                                       NotTaken{NotTaken::Reason::nacked, "the broker could not take the message"}));
    }
  }

  // AMQP 0-9-1 §1.2.3: over a mistake the broker closes the channel, and has let go of what came after it.
  void channel_closed(const Heard& heard, CallSupply* more) {
    figures_.channels_closed.fetch_add(1, std::memory_order_relaxed);
    const std::deque<Waiting> lost = std::exchange(waiting_, {});
    const std::string words = "the broker closed the channel: " + heard.words;
    for (const Waiting& one : lost)
      more->finish(*one.asked, std::make_exception_ptr(NotTaken{NotTaken::Reason::channel_closed, words}));
    last_tag_ = 0;
    session_.reopen_channel(now() + reopen_patience);
  }

  static constexpr auto reopen_patience = 5s;

  const RabbitConnection& settings_;
  Session session_;
  PublishFigures& figures_;
  std::deque<Waiting> waiting_;
  std::uint64_t last_tag_ = 0;  // RabbitMQ counts from 1 in each channel
};

PoolSettings pool_settings(std::string name, const RabbitPoolOptions& options) {
  PoolSettings settings;
  settings.name = std::move(name);
  settings.options = options.pool;
  if (!settings.options.max_worker_queue_len)
    settings.options.max_worker_queue_len = options.connection.max_worker_queue_len.most();
  settings.drops_oldest = true;
  settings.depth = most_unconfirmed;
  settings.keepalive_interval = heartbeat_interval / 2;
  const auto longest = options.connection.reconnect.delay;
  settings.back_off = {.first = std::min(settings.back_off.first, longest), .longest = longest};
  return settings;
}

}  // namespace

Client::Client(std::string name, const RabbitPoolOptions& options)
    : connection_(options.connection), pool_(pool_settings(std::move(name), options), [this] {
        return std::make_unique<RabbitLink>(connection_, figures_);
      }) {}

Task<> Client::publish(Message message) {
  Asked call;
  call.message = &message;
  try {
    co_await pool_.perform(call);
  } catch (const NotTaken&) {
    if (figures_.metrics) figures_.metrics->failed.add();
    throw;
  } catch (const Unavailable& failure) {
    if (figures_.metrics && failure.timed_out()) figures_.metrics->timed_out.add();
    throw;
  }
}

Task<> Client::declare(Exchange exchange) {
  Asked call;
  call.exchange = &exchange;
  call.may_repeat = true;
  co_await pool_.perform(call);
}

std::shared_ptr<Client> open_rabbit(std::string name, const RabbitPoolOptions& options) {
  return std::make_shared<Client>(std::move(name), options);
}

}  // namespace meerkat::amqp
