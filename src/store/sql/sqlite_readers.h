// SPDX-License-Identifier: Apache-2.0
// The reading side of the embedded store: threads with a connection each, first come, first served.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sql/health.h"
#include "store/sql/sqlite_connection.h"
#include "store/sql/work.h"
#include "store/sql/work_queue.h"

namespace meerkat::sql {

class SqliteReaders {
 public:
  SqliteReaders(std::vector<std::unique_ptr<SqliteConnection>> connections, Health& health);
  // Finishes what was submitted.
  ~SqliteReaders();
  SqliteReaders(const SqliteReaders&) = delete;
  SqliteReaders& operator=(const SqliteReaders&) = delete;

  void submit(Work& work);  // any thread

 private:
  void serve(SqliteConnection& connection);
  void run(Work& work, SqliteConnection& connection);

  Health& health_;
  std::vector<std::unique_ptr<SqliteConnection>> connections_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  WorkQueue queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace meerkat::sql
