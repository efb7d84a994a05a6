// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/session.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "store/cassandra/errors.h"

namespace meerkat::cassandra {
namespace {

using namespace std::chrono_literals;

// So many answers may be owed to nobody; a server that owes more is not going to answer.
constexpr std::size_t most_forlorn = 64;
constexpr int most_times_forgotten = 3;
// A cluster that is overloaded as a whole is not helped by connections that wander.
constexpr auto stays_for = 10s;

SteadyTime now() { return std::chrono::steady_clock::now(); }

}  // namespace

void Session::close() noexcept {
  wire_.close();
  streams_.clear();
  prepared_.clear();
  leaving_.clear();
}

void Session::listen(CallSupply& more) {
  const bool takes_more = under_way() < session_depth && leaving_.empty();
  const bool heard = wire_.listen(earliest_deadline(), takes_more ? more.wake_up() : -1);
  more.count_traffic(wire_.take_sent(), wire_.take_received());
  if (!heard) return;
  while (const auto frame = wire_.next()) handle(*frame, &more);
}

void Session::serve(Call& call, CallSupply& more) {
  begin(call, more);
  while (under_way() > 0) {
    take_more(more);
    wire_.flush(earliest_deadline());
    listen(more);
    expire(more);
  }
  if (!leaving_.empty()) throw std::runtime_error{leaving_};
}

void Session::take_more(CallSupply& more) {
  while (leaving_.empty()) {
    Call* const next = more.take();
    if (next == nullptr) return;
    begin(*next, more);
  }
}

void Session::begin(Call& call, CallSupply& more) {
  const std::int16_t number = free_stream();
  Stream& stream = streams_[static_cast<std::size_t>(number) - 1];
  stream = {.is_taken = true, .question = &static_cast<Question&>(call), .until = more.deadline(call)};
  proceed(number, &more);
}

std::int16_t Session::free_stream() {
  const auto found = std::ranges::find_if(streams_, [](const Stream& stream) { return !stream.is_taken; });
  const auto place = found - streams_.begin();
  if (found == streams_.end()) streams_.emplace_back();
  return static_cast<std::int16_t>(place + 1);
}

// Prepares the next of the question's statements, or asks the question when all of them are ready.
void Session::proceed(std::int16_t number, CallSupply* supply) {
  Stream& stream = streams_[static_cast<std::size_t>(number) - 1];
  const Question& question = *stream.question;
  stream.asked_at = now();
  try {
    while (stream.prepared.size() < question.statements()) {
      const std::string_view text = question.text(stream.prepared.size());
      PreparedStatement known = prepared_.find(text);
      if (known == nullptr) return put_prepare(wire_.out(), number, text);
      stream.prepared.push_back(std::move(known));
    }
    write_request(number, stream);
  } catch (const BadStatement&) {
    finish(stream, supply, std::current_exception());  // the caller's mistake; the connection does not mind
  }
}

void Session::write_request(std::int16_t number, const Stream& stream) {
  const Question::What& what = stream.question->what;
  if (const auto* const plain = std::get_if<Question::Plain>(&what))
    put_query(wire_.out(), number, plain->text);
  else if (const auto* const execution = std::get_if<Question::Execution>(&what))
    put_execute(wire_.out(), number, *stream.prepared[0], execution->statement, execution->page);
  else if (const auto* const writes = std::get_if<Question::Writes>(&what))
    put_batch(wire_.out(), number, writes->kind, stream.prepared, writes->writes, writes->wishes);
}

void Session::handle(const Frame& frame, CallSupply* supply) {
  if (frame.stream < 0 || frame.opcode == Opcode::event) return heard(event_from(frame.body));
  const auto place = static_cast<std::size_t>(frame.stream) - 1;
  if (place >= streams_.size() || !streams_[place].is_taken) throw Malformed{"Cassandra answers what nobody has asked"};
  Stream& stream = streams_[place];
  if (stream.question == nullptr) {
    stream = {};
    return;
  }
  if (frame.opcode == Opcode::error) return refused(frame.stream, refusal_from(frame.body), supply);
  if (frame.opcode != Opcode::result) throw Malformed{"Cassandra answers a question with something else"};
  answered(frame.stream, frame, supply);
}

void Session::answered(std::int16_t number, const Frame& frame, CallSupply* supply) {
  Stream& stream = streams_[static_cast<std::size_t>(number) - 1];
  Question& question = *stream.question;
  Result result = result_from(frame.body);
  const bool was_preparing = stream.prepared.size() < question.statements();
  if (auto* const prepared = std::get_if<Prepared>(&result); prepared != nullptr && was_preparing) {
    prepared->text = question.text(stream.prepared.size());
    stream.prepared.push_back(prepared_.keep(std::move(*prepared)));
    return proceed(number, supply);
  }
  if (was_preparing || std::holds_alternative<Prepared>(result))
    throw Malformed{"Cassandra answers a question with something else"};
  if (auto* const rows = std::get_if<Rows>(&result)) question.answer = std::move(*rows);
  finish(stream, supply);
}

void Session::refused(std::int16_t number, const Refusal& refusal, CallSupply* supply) {
  Stream& stream = streams_[static_cast<std::size_t>(number) - 1];
  // What it knew is gone when it was restarted, or had too much to know, or the table was made anew.
  if (refusal.code == ErrorCode::unprepared && stream.times_forgotten++ < most_times_forgotten) {
    prepared_.forget(refusal.statement);
    stream.prepared.clear();
    return proceed(number, supply);
  }
  if (refusal.code == ErrorCode::protocol_error) throw Malformed{"Cassandra: protocol error: " + refusal.words};
  may_leave(refusal);
  finish(stream, supply, exception_of(refusal));
}

// A server that says that it is not up to it is left for another one, if there is one.
void Session::may_leave(const Refusal& refusal) {
  const bool is_starting = refusal.code == ErrorCode::is_bootstrapping;
  const bool is_overloaded = refusal.code == ErrorCode::overloaded && now() - left_at_ > stays_for;
  if (servers_->size() < 2 || !leaving_.empty() || (!is_starting && !is_overloaded)) return;
  leaving_ = (*servers_)[place_].text() + " is " + std::string{name_of(refusal.code)} + ", another server is tried";
  left_at_ = now();
  servers_->failed(place_);
}

void Session::finish(Stream& stream, CallSupply* supply, std::exception_ptr failure) {
  Question& question = *std::exchange(stream, {}).question;
  supply->finish(question, std::move(failure));
}

// A call whose time is over is told so. Its answer may still come, and is thrown away then, if anything comes at all.
void Session::expire(CallSupply& more) {
  const SteadyTime time = now();
  std::size_t forlorn = 0;
  for (Stream& stream : streams_) {
    if (stream.question != nullptr && stream.until <= time) {
      if (wire_.heard_at() < stream.asked_at) throw SocketTimeout{(*servers_)[place_].text() + " does not answer"};
      const auto failure = std::make_exception_ptr(
          Unavailable{(*servers_)[place_].text() + " did not answer in time", Unavailable::Why::timed_out});
      more.finish(*std::exchange(stream.question, nullptr), failure);
    }
    if (stream.is_taken && stream.question == nullptr) ++forlorn;
  }
  if (forlorn > most_forlorn) throw SocketTimeout{(*servers_)[place_].text() + " leaves too much unanswered"};
}

SteadyTime Session::earliest_deadline() const {
  SteadyTime earliest = SteadyTime::max();
  for (const Stream& stream : streams_)
    if (stream.question != nullptr) earliest = std::min(earliest, stream.until);
  return earliest;
}

std::size_t Session::under_way() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(streams_, [](const Stream& stream) { return stream.question != nullptr; }));
}

void Session::heard(const Event& event) {
  // Types may be others now than they were when the statements were prepared.
  if (event.what == Event::What::schema_changed) prepared_.clear();
  if (!servers_->heard(event)) return;
  const std::string teller = (*servers_)[place_].text();
  if (event.what == Event::What::node_up || event.what == Event::What::node_new)
    log_notice("cassandra_node_up", {{"address", event.address}, {"port", event.port}, {"told_by", teller}});
  else
    log_notice("cassandra_node_down", {{"address", event.address}, {"port", event.port}, {"told_by", teller}});
}

void Session::hears() {
  while (wire_.listen(now()))
    while (const auto frame = wire_.next()) handle(*frame, nullptr);
}

}  // namespace meerkat::cassandra
