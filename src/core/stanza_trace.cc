// SPDX-License-Identifier: Apache-2.0
#include "core/stanza_trace.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "core/session_table.h"
#include "runtime/worker.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 1s;

std::size_t size_of(const TracedStanza& line) { return sizeof line + line.session.size() + line.text.size(); }

}  // namespace

void TraceLog::add(TracedStanza stanza) {
  const std::lock_guard lock{mutex_};
  if (stanza.way == TracedStanza::Way::in || stanza.way == TracedStanza::Way::out) ++state_.seen;
  stanza.number = ++last_;
  bytes_ += size_of(stanza);
  lines_.push_back(std::move(stanza));
  while (lines_.size() > most_lines || (bytes_ > most_bytes && lines_.size() > 1)) {
    bytes_ -= size_of(lines_.front());
    lines_.pop_front();
  }
}

void TraceLog::leave_one_out() {
  const std::lock_guard lock{mutex_};
  ++state_.seen;
  ++state_.left_out;
}

void TraceLog::end(std::string why) {
  const std::lock_guard lock{mutex_};
  state_.ended = std::move(why);
}

TraceLog::State TraceLog::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

std::vector<TracedStanza> TraceLog::read(std::uint64_t after, std::size_t most, SteadyTime now) {
  const std::lock_guard lock{mutex_};
  last_read_ = now;
  const auto first = std::ranges::upper_bound(lines_, after, {}, &TracedStanza::number);
  const auto count = std::min<std::size_t>(most, static_cast<std::size_t>(lines_.end() - first));
  return {lines_.end() - static_cast<std::ptrdiff_t>(count), lines_.end()};
}

SteadyTime TraceLog::last_read() const {
  const std::lock_guard lock{mutex_};
  return last_read_;
}

struct StanzaTraces::Trace {
  std::shared_ptr<TraceLog> log;
  SteadyTime second;  // that goes on
  std::size_t in_second = 0;
  std::size_t left_out = 0;

  bool is_of(const Session& session) const {
    return log->facts.of.is_full() ? session.jid == log->facts.of : session.jid.same_bare(log->facts.of);
  }
  void note(WallTime when, std::string text, TracedStanza::Way way = TracedStanza::Way::note) const {
    log->add({.when = when, .way = way, .session = {}, .text = std::move(text)});
  }
  // What was left out in the second that is over.
  void tell_left_out(WallTime when) {
    if (left_out > 0) note(when, fmt::format("{} more were left out", left_out));
    left_out = 0;
    in_second = 0;
  }
};

StanzaTraces::StanzaTraces(Worker& worker, SessionTable& sessions) : worker_(worker), sessions_(sessions) {}
StanzaTraces::~StanzaTraces() = default;

void StanzaTraces::start(std::shared_ptr<TraceLog> log) {
  const Jid of = log->facts.of;
  traces_.push_back(std::make_unique<Trace>(std::move(log), worker_.clock().steady()));
  mark_all_of(of);
  if (!timer_.is_set()) watch();
}

void StanzaTraces::stop(const TraceLog& log, std::string_view why) {
  for (std::size_t i = 0; i < traces_.size(); ++i)
    if (traces_[i]->log.get() == &log) return end(i, why);
}

void StanzaTraces::mark(Session& session) const {
  session.traced = std::ranges::any_of(traces_, [&](const auto& trace) { return trace->is_of(session); });
}

void StanzaTraces::mark_all_of(const Jid& account) const {
  const Account* const there = sessions_.find(account);
  for (Session* session = there ? there->first : nullptr; session; session = session->next_of_account) mark(*session);
}

void StanzaTraces::came(const Session& session, std::string_view element) {
  see(session, element, TracedStanza::Way::in);
}

void StanzaTraces::went(const Session& session, std::string_view element) {
  see(session, element, TracedStanza::Way::out);
}

void StanzaTraces::see(const Session& session, std::string_view element, TracedStanza::Way way) {
  const SteadyTime now = worker_.clock().steady();
  for (const auto& trace : traces_) {
    if (!trace->is_of(session)) continue;
    if (now - trace->second >= 1s) {
      trace->tell_left_out(worker_.clock().wall());
      trace->second = now;
    }
    if (++trace->in_second > most_per_second) {
      ++trace->left_out;
      trace->log->leave_one_out();
      continue;
    }
    trace->log->add({.when = worker_.clock().wall(),
                     .way = way,
                     .session = std::string{session.jid.text()},
                     .text = redacted(element, trace->log->facts.redaction, parser_)});
  }
}

void StanzaTraces::watch() {
  timer_.set(worker_.timers(), between_looks, [](void* self) { static_cast<StanzaTraces*>(self)->look_after(); }, this);
}

void StanzaTraces::look_after() {
  const SteadyTime now = worker_.clock().steady();
  for (std::size_t i = traces_.size(); i-- > 0;) {
    Trace& trace = *traces_[i];
    if (now - trace.second >= 1s) trace.tell_left_out(worker_.clock().wall());
    if (now >= trace.log->facts.until)
      end(i, "its time is up");
    else if (now - trace.log->last_read() >= longest_unread)
      end(i, "nobody reads it");
  }
  if (!traces_.empty()) watch();
}

void StanzaTraces::end(std::size_t which, std::string_view why) {
  const std::unique_ptr<Trace> trace = std::move(traces_[which]);
  traces_.erase(traces_.begin() + static_cast<std::ptrdiff_t>(which));
  mark_all_of(trace->log->facts.of);
  trace->tell_left_out(worker_.clock().wall());
  trace->note(worker_.clock().wall(), fmt::format("the trace has ended: {}", why), TracedStanza::Way::end);
  trace->log->end(std::string{why});
  const TraceLog::State state = trace->log->state();
  log_notice("trace_ended", {{"address", trace->log->facts.of.text()},
                             {"by", trace->log->facts.by},
                             {"why", why},
                             {"stanzas", state.seen},
                             {"left_out", state.left_out}});
}

}  // namespace meerkat
