// SPDX-License-Identifier: Apache-2.0
#include "admin/visitor.h"

#include <utility>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/office.h"
#include "base/log.h"

namespace meerkat::admin {
namespace {

using namespace std::chrono_literals;

// Between two requests, and for a request to arrive whole.
constexpr auto patience = 60s;
// For taking what was answered.
constexpr auto patience_with_readers = 30s;
// What may be written before the visitor has to read.
constexpr std::size_t enough_written = 64 * 1024;

}  // namespace

Visitor::Visitor(Office& office, int descriptor, const Peer& peer)
    : office_(office), connection_(descriptor, *this), peer_(peer) {}

void Visitor::start() {
  try {
    connection_.settle(office_.worker());
  } catch (const std::exception& failure) {
    log_error("admin_connection_refused", {{"error", failure.what()}});
    return abort();
  }
  give_time(patience);
}

void Visitor::Drained::await_suspend(std::coroutine_handle<> waiting) {
  visitor_.waiting_ = waiting;
  visitor_.give_time(patience_with_readers);
}

void Visitor::received(std::string_view bytes) noexcept {
  if (leaving_) return;
  unread_.append(bytes);
  if (busy_) return;
  if (unread_.find('\n') == std::string::npos) {
    if (unread_.size() > longest_request)
      refuse_and_leave({"request_too_long", fmt::format("a request has at most {} bytes", longest_request)});
    return;
  }
  busy_ = true;
  timer_.cancel();
  connection_.pause_reading();
  scope_.spawn(serve());
}

Task<> Visitor::serve() {
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (leaving_ || end == std::string::npos) break;
    std::string line = unread_.substr(0, end);
    unread_.erase(0, end + 1);
    co_await answer(std::move(line));
  }
  busy_ = false;
  if (gone_) co_return;
  if (leaving_) {
    leave();
    co_return;
  }
  give_time(patience);
  connection_.resume_reading();
}

Task<> Visitor::answer(std::string line) {
  auto request = read_request(line);
  wipe(line);  // it may have a password in it
  if (!request) {
    connection_.write(write_refusal(request.error()));
    leaving_ = true;  // who does not speak JSON has come to the wrong door
    co_return;
  }
  const Command* const command = find_command(office_.commands_, request->command);
  if (command == nullptr) {
    connection_.write(write_refusal(no_such_command(office_.commands_, request->command)));
    co_return;
  }
  std::string who = fmt::format("uid {} pid {}", peer_.uid, peer_.pid);
  CommandResult result = co_await invoke(*command, office_.premises_, std::move(request->arguments), std::move(who));
  if (gone_) co_return;
  if (const auto* const refusal = std::get_if<Refusal>(&result))
    connection_.write(write_refusal(*refusal));
  else if (const auto* const sentence = std::get_if<Sentence>(&result))
    connection_.write(write_sentence(*sentence));
  else if (const auto* const record = std::get_if<Record>(&result))
    connection_.write(write_record(command->columns, record->row));
  else
    co_await send_table(*command, std::move(std::get<Table>(result)));
}

Task<> Visitor::send_table(const Command& command, Table table) {
  bool more = table.more != nullptr;
  connection_.write(write_first_rows(command.columns, table.rows, more));
  while (more) {
    co_await Drained{*this};
    if (gone_) co_return;
    std::vector<Row> rows;
    try {
      more = co_await table.more->next(rows);
    } catch (const std::exception& failure) {
      log_error("command_failed", {{"command", command.full_name()}, {"error", failure.what()}});
      if (!gone_) connection_.write(write_refusal({"unavailable", "the server could not go on with the list"}));
      co_return;
    }
    if (gone_) co_return;
    connection_.write(write_more_rows(rows, more));
  }
  co_await Drained{*this};
}

void Visitor::refuse_and_leave(const Refusal& refusal) {
  connection_.write(write_refusal(refusal));
  leave();
}

bool Visitor::has_drained() const { return connection_.waiting() < enough_written; }

void Visitor::flushed() noexcept {
  if (leaving_ && !busy_ && connection_.waiting() == 0) return abort();
  if (waiting_ && has_drained()) wake();
}

void Visitor::wake() {
  timer_.cancel();
  if (waiting_) std::exchange(waiting_, {}).resume();
}

void Visitor::shut_down() {
  leaving_ = true;
  if (waiting_) return abort();  // it has been reading slowly already
  if (!busy_) leave();
}

void Visitor::leave() {
  leaving_ = true;
  // What the kernel has taken is read though we are gone.
  if (connection_.waiting() == 0) return abort();
  give_time(patience_with_readers);
}

void Visitor::abort() {
  connection_.abort();
  ended(ConnectionEnd::reset);
}

void Visitor::ended(ConnectionEnd) noexcept {
  gone_ = true;
  wake();
  bury_if_done();
}

void Visitor::bury_if_done() {
  if (!scope_.idle()) return scope_.when_idle([](void* self) { static_cast<Visitor*>(self)->bury_if_done(); }, this);
  if (gone_) office_.bury(*this);
}

void Visitor::give_time(std::chrono::seconds time) {
  timer_.cancel();
  timer_.set(office_.worker().timers(), time, [](void* self) { static_cast<Visitor*>(self)->abort(); }, this);
}

}  // namespace meerkat::admin
