// SPDX-License-Identifier: Apache-2.0
// Any bytes as requests of HTTP: in whatever pieces they come, they are read as the same requests, with the same
// verdict and the same bytes left; and what is let through keeps the promises of HttpRequest.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_path.h"
#include "net/http_reader.h"
#include "require.h"
#include "xmpp/stringprep.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

constexpr std::size_t largest_body = 2000;

struct Read {
  std::vector<HttpRequest> requests;
  unsigned refused = 0;
  std::string left;
};

void keeps_its_promises(const HttpRequest& request) {
  const bool star = request.path == "*" && request.method == HttpMethod::options;
  require(star || request.path.starts_with('/'), "a path begins with a slash", request.path);
  require(is_utf8(request.path), "a path is UTF-8");
  const std::string steps = request.path + "/";
  require(!steps.contains("/../") && !steps.contains("/./"), "no dots lead anywhere", request.path);
  for (const char c : request.path)
    require(static_cast<unsigned char>(c) >= 0x20 && c != '\\', "no control characters");
  require(request.body.size() <= largest_body, "a body has a bound");
  require(request.headers.count("Content-Length") + request.headers.count("Transfer-Encoding") <= 1, "one length");
  for (const auto& [name, value] : request.headers)
    require(is_http_field(name + ": " + value), "a field is a field", name + ": " + value);
}

// `portion()` gives the size of the next piece.
template <class Portion>
Read read(std::string_view bytes, Portion portion) {
  Read result;
  auto reader = std::make_unique<HttpReader>(HttpLimits{.request_line = 300, .head = 1000, .fields = 10});
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, portion());
    result.left += piece;
    bytes.remove_prefix(piece.size());
    while (!result.left.empty()) {
      HttpReader::State state = reader->read(result.left);
      if (state == HttpReader::State::judging) state = reader->take_body(largest_body);
      if (state == HttpReader::State::body && !result.left.empty()) state = reader->read(result.left);
      if (state == HttpReader::State::refused) {
        require(reader->status() >= 400 && !reader->why().empty(), "who is refused is told why");
        result.refused = reader->status();
        return result;
      }
      if (state != HttpReader::State::whole) break;
      keeps_its_promises(reader->request());
      result.requests.push_back(std::move(reader->request()));
      reader = std::make_unique<HttpReader>(HttpLimits{.request_line = 300, .head = 1000, .fields = 10});
    }
  }
  return result;
}

void is_the_same(const Read& one, const Read& other) {
  require(one.refused == other.refused, "pieces do not matter to the verdict");
  require(one.requests.size() == other.requests.size(), "pieces do not matter to how many there are");
  for (std::size_t i = 0; i < one.requests.size(); ++i) {
    require(one.requests[i].target == other.requests[i].target, "pieces do not matter to the target");
    require(one.requests[i].body == other.requests[i].body, "pieces do not matter to the body");
    require(one.requests[i].headers.size() == other.requests[i].headers.size(), "pieces do not matter to the fields");
  }
  if (one.refused == 0) require(one.left == other.left, "pieces do not matter to what is left");
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
                return std::size_t{1} + (state >> 16) % 37;
              }));
  // A path that is let through may be matched with any pattern, such as one made of the same bytes.
  if (const auto pattern = HttpPathPattern::parse(bytes))
    for (const HttpRequest& request : whole.requests) pattern->match(request.path);
  return 0;
}
