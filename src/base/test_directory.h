// SPDX-License-Identifier: Apache-2.0
// For tests and benches: a directory of their own, gone with all it holds.
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace meerkat {

class TestDirectory final {
 public:
  // Throws where the directory for temporary files takes none.
  TestDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "meerkat-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
  }
  ~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  // The file, with this text in it; directories on the way are made.
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace meerkat
