// SPDX-License-Identifier: Apache-2.0
// Any bytes as the header of the PROXY protocol: in whatever pieces it comes, it says the same and takes the same
// bytes, and never one behind its end.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/proxy_header.h"
#include "require.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

struct Read {
  ProxyHeader header;
  std::size_t taken = 0;
};

// `portion()` gives the size of the next piece.
template <class Portion>
Read read(std::string_view bytes, Portion portion) {
  Read result;
  while (result.taken < bytes.size() && result.header.state() == ProxyHeader::State::more) {
    const std::string_view piece = bytes.substr(result.taken, portion());
    const std::unique_ptr<char[]> alone{new char[piece.size()]};  // so that sanitizers see every read outside of it
    piece.copy(alone.get(), piece.size());
    const std::size_t taken = result.header.feed({alone.get(), piece.size()});
    require(taken <= piece.size(), "no more is taken than there is");
    require(taken == piece.size() || result.header.state() != ProxyHeader::State::more, "what belongs to it is taken");
    result.taken += taken;
  }
  return result;
}

void is_the_same(const Read& one, const Read& other) {
  require(one.header.state() == other.header.state(), "pieces do not matter to the verdict");
  require(one.header.problem() == other.header.problem(), "pieces do not matter to the problem");
  require(one.header.source() == other.header.source(), "pieces do not matter to the address");
  if (one.header.state() == ProxyHeader::State::done)
    require(one.taken == other.taken, "pieces do not matter to where it ends");
}

}  // namespace

// The first byte says how the rest comes in pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::uint32_t state = data[0];
  const Read whole = read(bytes, [] { return std::string_view::npos; });
  is_the_same(whole, read(bytes, [] { return std::size_t{1}; }));
  is_the_same(whole, read(bytes, [&state] {
                state = state * 1664525u + 1013904223u;
                return std::size_t{1} + (state >> 16) % 23;
              }));
  require((whole.header.state() == ProxyHeader::State::wrong) == !whole.header.problem().empty(),
          "what is wrong has a reason, and nothing else");
  if (whole.header.state() == ProxyHeader::State::wrong)
    require(!whole.header.source(), "what is wrong names no address");
  if (whole.header.source()) {
    const std::string text = whole.header.source()->ip.text();
    if (!text.empty())
      require(IpAddress::parse(text) == whole.header.source()->ip, "an address is read as it is written", text);
  }
  return 0;
}
