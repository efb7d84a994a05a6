// SPDX-License-Identifier: Apache-2.0
#include "store/sql/sqlite_readers.h"

#include <pthread.h>

#include <exception>
#include <utility>

namespace meerkat::sql {

SqliteReaders::SqliteReaders(std::vector<std::unique_ptr<SqliteConnection>> connections, Health& health)
    : health_(health), connections_(std::move(connections)) {
  for (const auto& connection : connections_) {
    threads_.emplace_back([this, mine = connection.get()] {
      ::pthread_setname_np(::pthread_self(), "store-read");
      serve(*mine);
    });
  }
}

SqliteReaders::~SqliteReaders() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  arrived_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void SqliteReaders::submit(Work& work) {
  {
    const std::lock_guard lock{mutex_};
    queue_.push(work);
  }
  arrived_.notify_one();
}

void SqliteReaders::serve(SqliteConnection& connection) {
  std::unique_lock lock{mutex_};
  for (;;) {
    arrived_.wait(lock, [this] { return !queue_.empty() || stopping_; });
    Work* const work = queue_.pop();
    if (work == nullptr) return;
    lock.unlock();
    run(*work, connection);
    lock.lock();
  }
}

void SqliteReaders::run(Work& work, SqliteConnection& connection) {
  std::exception_ptr failure;
  try {
    work.run(connection);
    health_.worked();
  } catch (const Unavailable& trouble) {
    health_.failed(trouble.what());
    failure = std::current_exception();
  } catch (...) {
    failure = std::current_exception();  // a mistake of the caller, thrown where he waits
  }
  work.finished(std::move(failure));
}

}  // namespace meerkat::sql
