// SPDX-License-Identifier: Apache-2.0
// Somebody at the private socket: one request after another, each answered before the next is read.
#pragma once

#include <coroutine>
#include <string>
#include <string_view>

#include "admin/private_socket.h"
#include "admin/wire.h"
#include "net/connection.h"
#include "runtime/scope.h"

namespace meerkat::admin {

class Office;

// Lives on the worker of the office, which owns it.
class Visitor final : ConnectionUser {
 public:
  Visitor(Office& office, int descriptor, const Peer& peer);

  void start();
  // After the answer that is under way, or now.
  void shut_down();

 private:
  // Waits until the visitor has read nearly all that was written.
  class Drained {
   public:
    explicit Drained(Visitor& visitor) : visitor_(visitor) {}
    bool await_ready() const noexcept { return visitor_.gone_ || visitor_.has_drained(); }
    void await_suspend(std::coroutine_handle<> waiting);
    void await_resume() const noexcept {}

   private:
    Visitor& visitor_;
  };

  void received(std::string_view bytes) noexcept override;
  void ended(ConnectionEnd why) noexcept override;
  void flushed() noexcept override;

  Task<> serve();
  Task<> answer(std::string line);
  Task<> send_table(const Command& command, Table table);
  void refuse_and_leave(const Refusal& refusal);
  bool has_drained() const;
  void leave();
  void abort();
  void give_time(std::chrono::seconds time);
  void bury_if_done();
  void wake();

  Office& office_;
  Connection connection_;
  const Peer peer_;
  std::string unread_;
  Scope scope_{"admin"};
  Timer timer_;
  std::coroutine_handle<> waiting_;
  bool busy_ = false;
  bool leaving_ = false;
  bool gone_ = false;
};

}  // namespace meerkat::admin
