// SPDX-License-Identifier: Apache-2.0
// For tests: a log file of their own; afterwards lines go where they went before.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/test_directory.h"

namespace meerkat {

class FileLog final {
 public:
  explicit FileLog(LogOutput output = {}) : before_(log_levels()) {
    output.file = file();
    REQUIRE(set_log_output(output).has_value());
  }
  ~FileLog() {
    [[maybe_unused]] const auto set = set_log_output({});
    set_log_levels(before_);
  }
  FileLog(const FileLog&) = delete;
  FileLog& operator=(const FileLog&) = delete;

  std::filesystem::path file(std::string_view name = "log") const { return directory_ / name; }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream{file()}.rdbuf();
    return all.str();
  }
  // How many of its lines say that this happened.
  std::size_t count(std::string_view what) const {
    const std::string all = text();
    const std::string wanted = " what=" + std::string{what} + " ";
    std::size_t found = 0;
    for (auto at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1)) ++found;
    return found;
  }

 private:
  const TestDirectory directory_;
  const LogLevels before_;
};

}  // namespace meerkat
