// SPDX-License-Identifier: Apache-2.0
// RFC 6120 before and behind authentication: no bytes in no portions break the server, and a stream that is told
// goodbye, or whose client is gone, is gone too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "base/log.h"
#include "core/stream_management.h"
#include "streams/test_streams.h"

using namespace meerkat;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Where the portions of one input end: a small generator, seeded by its first byte; 0 is all at once.
class Portions {
 public:
  explicit Portions(std::uint8_t seed) : state_(seed) {}
  std::size_t next() {
    if (state_ == 0) return SIZE_MAX;
    state_ = state_ * 1664525u + 1013904223u;
    return 1 + (state_ >> 16) % 97;
  }

 private:
  std::uint32_t state_;
};

StreamServer& server() {
  static StreamServer* const one = [] {
    set_log_level(LogLevel::none);
    auto* const made = new StreamServer{2};
    made->add_account("alice");
    made->add_account("bob");
    made->on_all_hosts(
        [](HostType& host) { host.stream_management = std::make_shared<const StreamManagementOptions>(); });
    return made;
  }();
  return *one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  StreamServer& house = server();
  std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  Portions portions{data[0]};
  {
    StreamClient client{house, data[0] & 1u};
    require(house.streams() == 1);
    while (!bytes.empty()) {
      const std::string_view portion = bytes.substr(0, portions.next());
      bytes.remove_prefix(portion.size());
      // A stream that is closed reads on until its client has closed too, or is gone.
      client.says_if_there_is_room(portion);
      client.heard();
    }
    require(house.streams() <= 1);
    // Whoever is not bound by now is not waited for.
    house.passes(std::chrono::seconds{200});
    client.heard();
    require(client.is_at_end() || house.sessions() == 1);
  }
  house.passes(std::chrono::seconds{10});
  require(house.streams() == 0);
  // A session that could be resumed (XEP-0198) is not waited for much longer.
  house.passes(std::chrono::seconds{601});
  require(house.sessions() == 0);
  for (const auto& hall : house.halls) require(hall->scope.idle());
  return 0;
}
