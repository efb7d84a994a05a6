// SPDX-License-Identifier: Apache-2.0
// Typed events and those who want to know of them, in order of priority (lowest first).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/generation.h"
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

// What all chains have in common: their handlers, in order.
class HookList {
 public:
  bool empty() const { return entries_.empty(); }
  void forget(const Generation& generation);

 protected:
  using AnyCall = void (*)();
  struct Entry {
    int priority;
    std::uint32_t number;  // within its module
    void* owner;
    AnyCall call;
    Generation* module;  // null: of no module
  };
  // Where in the order somebody stood: the same again for a module that was started anew.
  struct Place {
    explicit Place(const Entry& entry);
    int priority;
    bool without_module;
    std::string_view module;
    std::uint32_t number;
    auto operator<=>(const Place&) const = default;
  };

  void insert(int priority, void* owner, AnyCall call, Generation* module);
  // The first behind that place. While somebody waited, handlers may have gone, or come anew.
  std::size_t behind(const Place& place) const;

  std::vector<Entry> entries_;  // by priority, then by the name of the module, then as they were registered
};

// Belongs to the hooks of one host type on one worker, and is used there only. An event struct has `name` and `about`.
template <class Event>
class HookChain : public HookList {
 public:
  using Call = Answer<Verdict> (*)(void* owner, Event& event);

  void add(int priority, void* owner, Call call, Generation* module = nullptr) {
    insert(priority, owner, reinterpret_cast<AnyCall>(call), module);
  }

  // Handlers whose answer is at hand run in place. The first that must wait turns the rest into a task; until then no
  // frame is made. The event must outlive the answer.
  Answer<Verdict> run(Event& event) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      try {
        Answer<Verdict> answer = ask(entries_[i], event);
        if (!answer.at_hand())
          return run_rest(Visit{entries_[i].module}, answer.take_task(), Place{entries_[i]}, event);
        if (!answer.value().goes_on()) return answer;
      } catch (...) {
        hook_detail::handler_failed(Event::name, std::current_exception());
      }
    }
    return Verdict::next();
  }

 private:
  static Answer<Verdict> ask(const Entry& entry, Event& event) {
    return reinterpret_cast<Call>(entry.call)(entry.owner, event);
  }

  // `inside` comes first, so that it goes last: behind what waited.
  Task<Verdict> run_rest(Visit inside, Task<Verdict> waiting, Place place, Event& event) const {
    for (;;) {
      try {
        Verdict verdict = co_await waiting;
        if (!verdict.goes_on()) co_return verdict;
      } catch (...) {
        hook_detail::handler_failed(Event::name, std::current_exception());
      }
      for (std::size_t i = behind(place);; ++i) {
        if (i == entries_.size()) co_return Verdict::next();
        try {
          Answer<Verdict> answer = ask(entries_[i], event);
          if (!answer.at_hand()) {
            place = Place{entries_[i]};
            waiting = answer.take_task();
            inside = Visit{entries_[i].module};
            break;
          }
          if (!answer.value().goes_on()) co_return std::move(answer.value());
        } catch (...) {
          hook_detail::handler_failed(Event::name, std::current_exception());
        }
      }
    }
  }
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
    chain<typename Handler::Event>().add(
        priority, &owner,
        [](void* self, typename Handler::Event& event) -> Answer<Verdict> {
          return (static_cast<typename Handler::Owner*>(self)->*Method)(event);
        },
        registrant_);
  }

  template <class Event>
  Answer<Verdict> run(Event& event) {
    return chain<Event>().run(event);
  }

  // Whose handlers are those that come from now on; null: nobody's who could be stopped.
  void registrations_are_of(Generation* generation) { registrant_ = generation; }
  void forget(const Generation& generation);

 private:
  std::vector<std::shared_ptr<HookList>> chains_;  // by number of the event
  Generation* registrant_ = nullptr;
};

}  // namespace meerkat
