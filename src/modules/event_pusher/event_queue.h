// SPDX-License-Identifier: Apache-2.0
// Events on their way to a service outside: they wait here and not in the way of stanzas, so many and no more.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "base/trouble.h"
#include "core/hall.h"
#include "runtime/task.h"
#include "store/pool/outgoing_pool.h"
#include "xmpp/jid.h"
#include "xmpp/stanza.h"

namespace meerkat {

struct PushedEvent {
  enum class What : std::uint8_t {
    sent,      // a message of a user here is on its way
    received,  // a message for a user here has come
    present,
    absent
  };

  What what = What::sent;
  StanzaType type = StanzaType::normal;  // of a message
  Jid from, to;                          // of presence: `from` alone
  std::string body;                      // of a message; not empty

  bool is_message() const { return what == What::sent || what == What::received; }
  std::size_t size() const { return sizeof *this + body.size(); }
};

struct EventQueueLimits {
  std::size_t events = 1000;
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t at_once = 1;  // with one, events arrive in their order
};

// What the pool allows each of its queues; `by_default` when it says nothing.
EventQueueLimits event_queue_limits(const OutgoingPool& pool, std::size_t by_default, std::size_t at_once);

// On one worker; lives until its module and the last event have gone.
class EventQueue : public std::enable_shared_from_this<EventQueue> {
 public:
  // `name` is for log lines: where events go. What is dropped is counted at `pool`, if there is one.
  EventQueue(Hall& hall, std::string name, EventQueueLimits limits, OutgoingPool* pool = nullptr)
      : hall_(hall), name_(std::move(name)), limits_(limits), pool_(pool) {}
  virtual ~EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  virtual bool wants(const PushedEvent& event) const = 0;
  // Never waits. What waits longest makes room when there is none, which is counted and told of in the log.
  void add(PushedEvent event);

  std::size_t waiting() const { return waiting_.size(); }

 protected:
  // Throws when it did not arrive; it is not tried again. `event` outlives the task.
  virtual Task<> push(const PushedEvent& event) = 0;

 private:
  static Task<> work(std::shared_ptr<EventQueue> self);
  Task<> push_fenced(const PushedEvent& event);
  bool has_room_for(const PushedEvent& event) const {
    return waiting_.size() < limits_.events && bytes_ + event.size() <= limits_.bytes;
  }
  void drops_one();

  Hall& hall_;
  const std::string name_;
  const EventQueueLimits limits_;
  OutgoingPool* const pool_;
  std::deque<PushedEvent> waiting_;
  std::size_t bytes_ = 0;
  std::size_t at_work_ = 0;
  Trouble failing_;
  Trouble dropping_;
};

}  // namespace meerkat
