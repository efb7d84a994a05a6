// SPDX-License-Identifier: Apache-2.0
#include "core/hook.h"

#include <atomic>
#include <utility>

#include "base/log.h"

namespace meerkat::hook_detail {

void handler_failed(std::string_view event, std::exception_ptr failure) noexcept {
  try {
    std::rethrow_exception(std::move(failure));
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
