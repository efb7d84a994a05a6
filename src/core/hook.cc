// SPDX-License-Identifier: Apache-2.0
#include "core/hook.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/log.h"
#include "store/sql/errors.h"

namespace meerkat::hook_detail {

void handler_failed(std::string_view event, std::exception_ptr failure) noexcept {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const sql::Unavailable& error) {
    // The database has said so itself, once; here it would be once per stanza.
    log_debug("hook_failed", {{"event", event}, {"error", error.what()}});
  } catch (const std::exception& error) {
    log_error("hook_failed", {{"event", event}, {"error", error.what()}, {"now", "the next handler is asked"}});
  } catch (...) {
    log_error("hook_failed", {{"event", event}, {"error", "unknown exception"}});
  }
}

std::size_t next_event_number() {
  static std::atomic<std::size_t> next{0};
  return next++;
}

}  // namespace meerkat::hook_detail

namespace meerkat {

HookList::Place::Place(const Entry& entry)
    : priority(entry.priority),
      without_module(entry.module == nullptr),
      module(without_module ? std::string_view{} : entry.module->name()),
      number(entry.number) {}

void HookList::insert(int priority, void* owner, AnyCall call, Generation* module) {
  const auto number = module != nullptr ? module->next_number() : static_cast<std::uint32_t>(entries_.size());
  const Entry entry{.priority = priority, .number = number, .owner = owner, .call = call, .module = module};
  const auto place = entries_.begin() + static_cast<std::ptrdiff_t>(behind(Place{entry}));
  entries_.insert(place, entry);
}

std::size_t HookList::behind(const Place& place) const {
  const auto found = std::ranges::upper_bound(entries_, place, {}, [](const Entry& entry) { return Place{entry}; });
  return static_cast<std::size_t>(found - entries_.begin());
}

void HookList::forget(const Generation& generation) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.module == &generation; });
}

void Hooks::forget(const Generation& generation) {
  for (const auto& chain : chains_)
    if (chain) chain->forget(generation);
}

}  // namespace meerkat
