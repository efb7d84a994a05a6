// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/process_facts.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat::metrics {
namespace {

// The words of /proc/self/stat behind the name of the program, which may have spaces; the first is field 3.
std::vector<std::string> stat_words() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest{line.substr(end + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

// "btime 1763800000" of /proc/stat, "VmRSS:  1234 kB" of /proc/self/status.
std::uint64_t number_after(std::istream& file, std::string_view name) {
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    std::uint64_t number = 0;
    const std::size_t digits = line.find_first_of("0123456789", name.size());
    if (digits != std::string::npos) std::from_chars(line.data() + digits, line.data() + line.size(), number);
    return number;
  }
  return 0;
}

void read_stat(ProcessFacts& facts) {
  const std::vector<std::string> words = stat_words();
  const auto field = [&](std::size_t number) {
    std::uint64_t value = 0;
    if (number - 3 < words.size()) {
      const std::string& word = words[number - 3];
      std::from_chars(word.data(), word.data() + word.size(), value);
    }
    return value;
  };
  const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  facts.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks_per_second;
  facts.threads = field(20);
  facts.virtual_bytes = field(23);
  std::ifstream machine{"/proc/stat"};
  facts.began =
      static_cast<double>(number_after(machine, "btime ")) + static_cast<double>(field(22)) / ticks_per_second;
}

void read_memory(ProcessFacts& facts) {
  constexpr std::uint64_t kilobyte = 1024;
  std::ifstream status{"/proc/self/status"};  // in the order of the file
  facts.resident_bytes = number_after(status, "VmRSS:") * kilobyte;
  facts.anonymous_bytes = number_after(status, "RssAnon:") * kilobyte;
  facts.code_bytes = number_after(status, "VmExe:") * kilobyte;
}

bool is_tcp(int descriptor) {
  int protocol = 0;
  ::socklen_t size = sizeof protocol;
  return ::getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_TCP;
}

struct Close {
  void operator()(::DIR* directory) const noexcept { ::closedir(directory); }
};

void read_descriptors(ProcessFacts& facts) {
  const std::unique_ptr<::DIR, Close> directory{::opendir("/proc/self/fd")};
  if (directory == nullptr) return;
  while (const ::dirent* const entry = ::readdir(directory.get())) {  // the stream is this thread's alone
    const std::string_view name{entry->d_name};
    int descriptor = -1;
    std::from_chars(name.data(), name.data() + name.size(), descriptor);
    if (descriptor < 0) continue;  // "." and ".."
    ++facts.open_descriptors;
    if (is_tcp(descriptor)) ++facts.tcp_sockets;
  }
}

std::uint64_t limit_of(int resource) {
  ::rlimit limit{};
  return ::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0 ? limit.rlim_cur : 0;
}

}  // namespace

ProcessFacts process_facts() {
  ProcessFacts facts;
  read_stat(facts);
  read_memory(facts);
  read_descriptors(facts);
  facts.most_descriptors = limit_of(RLIMIT_NOFILE);
  facts.most_threads = limit_of(RLIMIT_NPROC);
  return facts;
}

}  // namespace meerkat::metrics
