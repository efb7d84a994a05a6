// SPDX-License-Identifier: Apache-2.0
// The schemas that a database must have before anything is asked of it, also when it comes up long after the server.
// They are applied by a thread with a connection of its own: that takes as long as it takes, and nobody who asks waits
// for it longer than he wants to.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/trouble.h"
#include "store/pool/back_off.h"
#include "store/sql/migration.h"
#include "store/sql/session.h"

namespace meerkat::sql {

// Makes one connection, not yet connected. Called on the thread that it is for.
using MakeSession = std::function<std::unique_ptr<Session>()>;

struct SchemaKeeperSettings {
  std::string database;  // its name in log lines
  std::chrono::milliseconds connect_timeout{5000};
  BackOffLimits back_off;
};

// Any thread, but for the constructor and destructor.
class SchemaKeeper {
 public:
  SchemaKeeper(SchemaKeeperSettings settings, MakeSession make_session)
      : settings_(std::move(settings)), make_session_(std::move(make_session)), back_off_(settings_.back_off) {}
  ~SchemaKeeper() { stop(); }
  SchemaKeeper(const SchemaKeeper&) = delete;
  SchemaKeeper& operator=(const SchemaKeeper&) = delete;

  // One that was the last to be applied under its name is there already.
  void add(const Schema& schema);
  // What was refused is not tried again, so that the pool can go on without it.
  void forget(const Schema& schema);
  // The database lets us in: nothing is tried before, and what waits for its next attempt is tried at once.
  void somebody_connected();
  // Ends also what is under way, which the database then undoes.
  void stop() noexcept;

  // Cheap, for every call.
  bool is_missing() const { return missing_.load(std::memory_order_acquire); }
  // False when something is still missing by then. Throws what the database has against a schema, if asking again would
  // not help.
  bool wait(SteadyTime until);
  // For calls: throws Unavailable when something is still missing by then, or is not going to be there.
  void expect_all(SteadyTime until);
  bool is_under_way() const;
  // What the last attempt failed with, or what keeps it; empty when nothing was tried.
  std::string trouble() const;

 private:
  using Lock = std::unique_lock<std::mutex>;
  // What tells two forms of a schema apart: the newest migration, and how many columns there are.
  struct Form {
    int newest = 0;
    std::size_t columns = 0;
    friend bool operator==(const Form&, const Form&) = default;
  };
  static Form form_of(const Schema& schema);
  bool has_answer() const { return stopping_ || schemas_.empty() || refusal_; }
  // The latest attempt, and nobody knows when another one will work.
  bool has_failed() const { return !last_error_.empty() && under_way_ == nullptr; }

  // The thread's; one and the same also when it connects again, since it knows what it has left behind.
  struct Connection {
    std::unique_ptr<Session> session;
    bool is_there = false;
  };

  void serve();
  void try_all(Lock& lock, Connection& connection);
  Session& connected(Connection& connection) const;
  static void close(Lock& lock, Connection& connection);
  void apply_to(Session& session, const Schema& schema) const;
  void applied(const Schema& schema);
  std::chrono::milliseconds failed(const std::exception_ptr& failure);

  const SchemaKeeperSettings settings_;
  const MakeSession make_session_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Schema> schemas_;                       // that are missing
  std::map<std::string, Form, std::less<>> applied_;  // by name
  std::exception_ptr refusal_;                        // asking again would not help
  std::string last_error_;
  Session* under_way_ = nullptr;
  bool may_connect_ = false;
  bool is_due_ = false;
  bool stopping_ = false;
  BackOff back_off_;
  Trouble trouble_;
  std::thread thread_;  // from the first schema on
  std::atomic<bool> missing_{false};
};

}  // namespace meerkat::sql
