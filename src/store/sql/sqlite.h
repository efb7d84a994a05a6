// SPDX-License-Identifier: Apache-2.0
// The embedded store: an SQLite database in a directory of its own. One writer thread, several readers.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "store/sql/database.h"

namespace meerkat::sql {

struct SqliteOptions {
  std::size_t readers = 2;
  std::size_t group_limit = 1000;  // writes that share a commit
  std::size_t behind_rows = 1000;  // this many, or this old, and the queue is written
  std::chrono::milliseconds behind_delay{20};
  std::chrono::milliseconds behind_patience{250};    // for changes that need not be written soon
  std::size_t behind_bytes = std::size_t{16} << 20;  // more than this and callers wait for room
  std::chrono::milliseconds busy_timeout{5000};
};

// The file of the database in its directory.
inline constexpr const char* sqlite_file_name = "meerkat.sqlite";

// Creates the directory (only its parent must exist) and the database where they are missing. The error is a sentence
// for the operator. The database ends everything that was submitted when it is destroyed; workers must still be able
// to receive mail then.
std::expected<std::unique_ptr<Database>, std::string> open_sqlite(const std::filesystem::path& directory,
                                                                  SqliteOptions options = {});
// The same for a file of any name, in a directory that is there.
std::expected<std::unique_ptr<Database>, std::string> open_sqlite_file(const std::filesystem::path& file,
                                                                       SqliteOptions options = {});

}  // namespace meerkat::sql
