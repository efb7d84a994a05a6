// SPDX-License-Identifier: Apache-2.0
// Any bytes as what a peer put into a log line: it stays one line of UTF-8 without control characters, and the text
// cannot pass for another field, in logfmt or in JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log_line.h"
#include "require.h"
#include "xmpp/stringprep.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

void is_one_harmless_line(const std::string& line) {
  require(is_utf8(line), "a line is UTF-8", line);
  require(std::ranges::none_of(line, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }),
          "a line has no control characters", line);
  for (std::size_t at = line.find('\xc2'); at != line.npos; at = line.find('\xc2', at + 1))
    require(static_cast<unsigned char>(line[at + 1]) >= 0xa0, "a line has no controls of eight bits", line);
  for (const std::string_view turning : {"\u202e", "\u2066", "\u2028"})
    require(!line.contains(turning), "a line reads from left to right", line);
}

// `value` stands between quotes: there is none within, and each backslash begins an escape of JSON.
bool is_well_quoted(std::string_view value) {
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (value[at] == '"') return false;
    if (value[at] != '\\') continue;
    if (++at == value.size() || !std::string_view{"\"\\nu"}.contains(value[at])) return false;
    if (value[at] != 'u') continue;
    if (value.size() - at < 5) return false;
    for (int i = 0; i < 4; ++i)
      if (!std::string_view{"0123456789abcdef"}.contains(value[++at])) return false;
  }
  return true;
}

// What stands between the two.
std::string_view between(std::string_view line, std::string_view begin, std::string_view end) {
  require(line.starts_with(begin) && line.ends_with(end) && line.size() >= begin.size() + end.size(),
          "other fields stay as they are", std::string{line});
  return line.substr(begin.size(), line.size() - begin.size() - end.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};

  const LogWord what{"fuzzed"};
  const std::string plain =
      log_line(LogFormat::logfmt, {}, LogLevel::notice, what, {{"before", 1}, {"text", text}, {"after", "end"}});
  const std::string json =
      log_line(LogFormat::json, {}, LogLevel::notice, what, {{"before", 1}, {"text", text}, {"after", "end"}});

  is_one_harmless_line(plain);
  std::string_view value = between(plain, "level=notice what=fuzzed room=other before=1 text=", " after=end");
  if (value.starts_with('"')) {
    require(value.size() >= 2 && value.ends_with('"') && is_well_quoted(value.substr(1, value.size() - 2)),
            "a text is well quoted", plain);
  } else {
    require(value == text && !value.empty() && value.find_first_of(" =\"\\") == value.npos, "a bare text is plain",
            plain);
  }
  is_one_harmless_line(json);
  value =
      between(json, R"({"level":"notice","what":"fuzzed","room":"other","before":1,"text":")", R"(","after":"end"})");
  require(is_well_quoted(value), "a text of JSON is well quoted", json);
  return 0;
}
