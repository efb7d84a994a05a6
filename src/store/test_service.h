// SPDX-License-Identifier: Apache-2.0
// Test support: a real server of another kind, run by tools/run_service.py for the time of a test.
//
//   LiveService postgres{"postgres", {"--tls"}};
//   if (!postgres.is_there()) return;   // has said why; the run counts it as skipped
//   postgres.tell("kill");
#pragma once

#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat {

class LiveService {
 public:
  // Blocks until the server answers. Fails the test when it does not start.
  explicit LiveService(std::string_view kind, const std::vector<std::string>& arguments = {});
  ~LiveService();
  LiveService(const LiveService&) = delete;
  LiveService& operator=(const LiveService&) = delete;

  bool is_there() const { return port_ != 0; }
  std::uint16_t port() const { return port_; }
  std::string port_text() const { return std::to_string(port_); }
  const std::filesystem::path& directory() const { return directory_; }

  // start, stop, kill, pause, go_on, or `call METHOD ARGUMENT`: what it answered. Fails the test when that failed.
  std::string tell(std::string_view command);

 private:
  std::string read_line();

  ::pid_t process_ = 0;
  int to_ = -1;
  int from_ = -1;
  std::string buffer_;
  std::uint16_t port_ = 0;
  std::filesystem::path directory_;
};

// The folder with the sources, somewhere above the program that runs.
inline std::filesystem::path sources_folder() {
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe");
  do folder = folder.parent_path();
  while (!std::filesystem::exists(folder / "tools/run_service.py") && folder.has_relative_path());
  return folder;
}

inline LiveService::LiveService(std::string_view kind, const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  std::vector<std::string> words{"/usr/bin/python3", sources_folder() / "tools/run_service.py", std::string{kind}};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  ::posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, ends[1], 0);
  ::posix_spawn_file_actions_adddup2(&files, ends[1], 1);
  REQUIRE(::posix_spawn(&process_, pointers[0], &files, nullptr, pointers.data(), environ) == 0);
  ::posix_spawn_file_actions_destroy(&files);
  ::close(ends[1]);
  to_ = from_ = ends[0];
  std::istringstream line{read_line()};
  std::string word;
  line >> word;
  if (word == "skipped") {
    MESSAGE("skipped: ", line.str());
    return;
  }
  REQUIRE_MESSAGE(word == "ready", kind, " did not start: ", line.str());
  std::string folder;
  line >> port_ >> folder;
  directory_ = folder;
}

inline LiveService::~LiveService() {
  ::close(to_);
  ::waitpid(process_, nullptr, 0);
}

inline std::string LiveService::tell(std::string_view command) {
  const std::string line = std::string{command} + "\n";
  REQUIRE(::write(to_, line.data(), line.size()) == static_cast<::ssize_t>(line.size()));
  const std::string answer = read_line();
  REQUIRE_MESSAGE(answer.starts_with("ok"), command, ": ", answer);
  return answer.size() > 3 ? answer.substr(3) : std::string{};
}

inline std::string LiveService::read_line() {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      const std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> bytes{};
    const ::ssize_t count = ::read(from_, bytes.data(), bytes.size());
    if (count <= 0) return "failed: the service ended";
    buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace meerkat
