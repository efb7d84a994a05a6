// SPDX-License-Identifier: Apache-2.0
// Typed events and those who want to know of them, in order of priority (lowest first).
#pragma once

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/verdict.h"
#include "runtime/answer.h"

namespace meerkat {

namespace hook_detail {

template <class>
struct HandlerOf;
template <class Owner_, class Return_, class Event_>
struct HandlerOf<Return_ (Owner_::*)(Event_&)> {
  using Owner = Owner_;
  using Event = Event_;
};

// The fence of the hook chain: one log line and one count, and the chain goes on.
void handler_failed(std::string_view event, std::exception_ptr failure) noexcept;

std::size_t next_event_number();
template <class Event>
std::size_t number_of_event() {
  static const std::size_t number = next_event_number();
  return number;
}

}  // namespace hook_detail

// Belongs to the hooks of one host type on one worker, and is used there only. An event struct has `name` and `about`.
template <class Event>
class HookChain {
 public:
  using Call = Answer<Verdict> (*)(void* owner, Event& event);

  void add(int priority, void* owner, Call call) {
    const auto place = std::ranges::upper_bound(entries_, priority, {}, &Entry::priority);
    entries_.insert(place, {priority, owner, call});
  }

  bool empty() const { return entries_.empty(); }

  // Handlers whose answer is at hand run in place. The first that must wait turns the rest into a task; until then no
  // frame is made. The event must outlive the answer.
  Answer<Verdict> run(Event& event) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      try {
        Answer<Verdict> answer = entries_[i].call(entries_[i].owner, event);
        if (!answer.at_hand()) return run_rest(answer.take_task(), i + 1, event);
        if (!answer.value().goes_on()) return answer;
      } catch (...) {
        hook_detail::handler_failed(Event::name, std::current_exception());
      }
    }
    return Verdict::next();
  }

 private:
  struct Entry {
    int priority;
    void* owner;
    Call call;
  };

  Task<Verdict> run_rest(Task<Verdict> waiting, std::size_t i, Event& event) const {
    for (;;) {
      try {
        Verdict verdict = co_await waiting;
        if (!verdict.goes_on()) co_return verdict;
      } catch (...) {
        hook_detail::handler_failed(Event::name, std::current_exception());
      }
      for (;; ++i) {
        if (i == entries_.size()) co_return Verdict::next();
        try {
          Answer<Verdict> answer = entries_[i].call(entries_[i].owner, event);
          if (!answer.at_hand()) {
            waiting = answer.take_task();
            ++i;
            break;
          }
          if (!answer.value().goes_on()) co_return std::move(answer.value());
        } catch (...) {
          hook_detail::handler_failed(Event::name, std::current_exception());
        }
      }
    }
  }

  std::vector<Entry> entries_;
};

// All chains of one host type on one worker.
class Hooks {
 public:
  template <class Event>
  HookChain<Event>& chain() {
    const std::size_t number = hook_detail::number_of_event<Event>();
    if (number >= chains_.size()) chains_.resize(number + 1);
    if (!chains_[number]) chains_[number] = std::make_shared<HookChain<Event>>();
    return *static_cast<HookChain<Event>*>(chains_[number].get());
  }

  // `hooks.on<&Carbons::copy>(*this, 89)`: the event is read from the method's signature. The method returns Verdict,
  // Answer<Verdict> or Task<Verdict>.
  template <auto Method>
  void on(typename hook_detail::HandlerOf<decltype(Method)>::Owner& owner, int priority = 50) {
    using Handler = hook_detail::HandlerOf<decltype(Method)>;
    chain<typename Handler::Event>().add(priority, &owner,
                                         [](void* self, typename Handler::Event& event) -> Answer<Verdict> {
                                           return (static_cast<typename Handler::Owner*>(self)->*Method)(event);
                                         });
  }

  template <class Event>
  Answer<Verdict> run(Event& event) {
    return chain<Event>().run(event);
  }

 private:
  std::vector<std::shared_ptr<void>> chains_;  // by number of the event
};

}  // namespace meerkat
