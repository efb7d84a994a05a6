// SPDX-License-Identifier: Apache-2.0
#include "admin/live/trace_desk.h"

#include <algorithm>

namespace meerkat::admin {

bool TraceDesk::is_full() const {
  return static_cast<std::size_t>(std::ranges::count_if(traces_, &Trace::is_running)) >= most_running;
}

const TraceDesk::Trace& TraceDesk::add(std::shared_ptr<TraceLog> log, Hall& home) {
  if (traces_.size() == most_kept)
    traces_.erase(std::ranges::find_if(traces_, [](const Trace& trace) { return !trace.is_running(); }));
  traces_.push_back({++last_, std::move(log), &home});
  return traces_.back();
}

const TraceDesk::Trace* TraceDesk::find(std::uint64_t number) const {
  const auto found = std::ranges::find(traces_, number, &Trace::number);
  return found == traces_.end() ? nullptr : &*found;
}

}  // namespace meerkat::admin
