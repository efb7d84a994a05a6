// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <semaphore>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "store/sql/dialect.h"
#include "store/sql/migration.h"
#include "store/sql/sqlite.h"
#include "store/sql/sqlite_readers.h"
#include "store/sql/sqlite_writer.h"

namespace meerkat::sql {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool valid() const { return number_ >= 0; }
  int number() const { return number_; }

 private:
  int number_;
};

// Work for which a thread outside of the workers waits.
class PrepareWork final : public Work {
 public:
  PrepareWork(const Schema& schema, std::string_view database) : schema_(schema), database_(database) {
    several_statements = true;
  }
  void run(Transaction& transaction) override { apply(schema_, transaction, database_); }
  void finished(std::exception_ptr failure) noexcept override {
    failure_ = std::move(failure);
    done_.release();
  }
  void wait() {
    done_.acquire();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const Schema& schema_;
  std::string_view database_;
  std::exception_ptr failure_;
  std::binary_semaphore done_{0};
};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const fs::path& name, const fs::path& file, Descriptor lock, const SqliteOptions& options)
      : name_(name.string()), lock_(std::move(lock)), reading_(name_, "reads"), writing_(name_, "writes") {
    auto for_writing = std::make_unique<SqliteConnection>(file, SqliteConnection::Mode::write, options.busy_timeout);
    std::vector<std::unique_ptr<SqliteConnection>> for_reading;
    for (std::size_t i = 0; i < std::max<std::size_t>(options.readers, 1); ++i)
      for_reading.push_back(
          std::make_unique<SqliteConnection>(file, SqliteConnection::Mode::read, options.busy_timeout));
    const WriteBehindLimits limits{options.behind_rows, options.behind_delay, options.behind_bytes,
                                   std::max<std::chrono::nanoseconds>(options.behind_delay, options.behind_patience)};
    writer_.emplace(std::move(for_writing), options.group_limit, limits, writing_);
    readers_.emplace(std::move(for_reading), reading_);
  }

  void prepare(const Schema& schema) override {
    PrepareWork work{schema, name_};
    writer_->submit(work);
    work.wait();
  }
  const Dialect& dialect() const override { return sqlite_dialect(); }
  bool available() const override { return reading_.good() && writing_.good(); }

 protected:
  void submit_read(Work& work) override { readers_->submit(work); }
  void submit_write(Work& work) override { writer_->submit(work); }
  bool submit_behind(BehindWork& work) override { return writer_->submit_behind(work); }
  std::optional<QueuedRow> queued(const Upsert& what, std::span<const Value> key) const override {
    return writer_->queued(what, key);
  }

 private:
  const std::string name_;
  const Descriptor lock_;
  Health reading_;
  Health writing_;
  std::optional<SqliteWriter> writer_;
  std::optional<SqliteReaders> readers_;  // ends before the writer, so that its last checkpoint is complete
};

std::unexpected<std::string> refused(const fs::path& path, std::string_view what, int error) {
  return std::unexpected(fmt::format("{}: {}: {}", path.string(), what, std::strerror(error)));
}

// One server per store. The kernel drops the lock with the process, however it ends.
std::expected<Descriptor, std::string> lock_store(const fs::path& store, const fs::path& file) {
  Descriptor lock{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!lock.valid())
    return refused(file, "cannot be written; the store needs a directory that belongs to the server's user", errno);
  if (::flock(lock.number(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return refused(file, "cannot be locked", errno);
  return std::unexpected(
      fmt::format("{}: another Meerkat is using this store. Stop it first, or give this one a directory of its own.",
                  store.string()));
}

// A new directory survives a power failure only once its parent is on the disk; SQLite syncs what lies inside.
void sync_directory(const fs::path& directory) {
  const Descriptor open_directory{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (open_directory.valid()) ::fsync(open_directory.number());
}

// The log files of SQLite take the permissions of this file.
std::expected<void, std::string> make_file(const fs::path& file) {
  const Descriptor made{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!made.valid()) return refused(file, "cannot be opened for reading and writing", errno);
  return {};
}

// `name` is what messages call the store.
std::expected<std::unique_ptr<Database>, std::string> open_locked(const fs::path& name, const fs::path& file,
                                                                  const fs::path& lock_file,
                                                                  const SqliteOptions& options) {
  auto lock = lock_store(name, lock_file);
  if (!lock) return std::unexpected(std::move(lock.error()));
  if (auto made = make_file(file); !made) return std::unexpected(std::move(made.error()));
  try {
    return std::make_unique<SqliteDatabase>(name, file, std::move(*lock), options);
  } catch (const Unavailable& trouble) {
    // Told to the operator instead of thrown: the server does not start.
    return std::unexpected(fmt::format("{}: cannot be opened as a database: {}", file.string(), trouble.what()));
  }
}

}  // namespace

std::expected<std::unique_ptr<Database>, std::string> open_sqlite(const fs::path& directory, SqliteOptions options) {
  const bool is_new = ::mkdir(directory.c_str(), 0700) == 0;
  if (!is_new && errno != EEXIST) return refused(directory, "the directory of the store cannot be created", errno);
  if (is_new) sync_directory(fs::absolute(directory / "..").lexically_normal());
  return open_locked(directory, directory / sqlite_file_name, directory / "lock", options);
}

std::expected<std::unique_ptr<Database>, std::string> open_sqlite_file(const fs::path& file, SqliteOptions options) {
  return open_locked(file, file, file.string() + ".lock", options);
}

}  // namespace meerkat::sql
