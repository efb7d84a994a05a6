// SPDX-License-Identifier: Apache-2.0
// The stanza traces that operators have asked for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "admin/command.h"
#include "core/hall.h"

namespace meerkat::admin {

// One per server; used on the worker of the office only.
class TraceDesk {
 public:
  // At the same time.
  static constexpr std::size_t most_running = 4;
  // Those that have ended can be read for a while.
  static constexpr std::size_t most_kept = 12;
  static constexpr std::chrono::seconds usual_time{300};
  static constexpr std::chrono::seconds longest_time{1800};

  struct Trace {
    std::uint64_t number;
    std::shared_ptr<TraceLog> log;
    Hall* home;

    bool is_running() const { return log->state().ended.empty(); }
  };

  // `content`: admin.trace_content, whether texts may be asked for.
  explicit TraceDesk(bool content) : content_allowed(content) {}

  const bool content_allowed;

  bool is_full() const;
  const Trace& add(std::shared_ptr<TraceLog> log, Hall& home);
  // Null when there is none of that number any more.
  const Trace* find(std::uint64_t number) const;
  const std::vector<Trace>& all() const { return traces_; }

 private:
  std::vector<Trace> traces_;
  std::uint64_t last_ = 0;
};

}  // namespace meerkat::admin
