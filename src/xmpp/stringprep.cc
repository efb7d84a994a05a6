// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stringprep.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <idna.h>
#include <stringprep.h>

#include "base/text.h"

namespace meerkat {
namespace {

// Longer texts are not looked at: no profile shrinks text so far in earnest, and the time that libidn takes to put
// combining marks in order grows with the square of their number.
constexpr std::size_t max_unprepared_size = 2 * max_prepared_size;
constexpr std::size_t max_label_size = 63;  // RFC 1035 §2.3.4

constexpr bool is_ascii_byte(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

template <typename Map>
constexpr AsciiProfile profile_of(Map map) {
  AsciiProfile profile{};
  for (int c = 1; c < 0x80; ++c) profile[static_cast<std::size_t>(c)] = map(static_cast<char>(c));
  return profile;
}

struct CodePoints {
  std::array<std::uint32_t, 2 * max_unprepared_size> at;  // NFKC makes up to 18 code points of one; most make one
  std::size_t size = 0;
};

// The next code point of well-formed UTF-8, taken off `text`; nothing when there is none.
std::optional<std::uint32_t> next_code_point(std::string_view& text) {
  const CodePoint next = first_code_point(text);
  if (next.size == 0) return std::nullopt;
  text.remove_prefix(next.size);
  return next.value;
}

bool decode(std::string_view text, CodePoints& points) {
  if (text.size() > max_unprepared_size) return false;
  points.size = 0;
  while (!text.empty()) {
    const auto code = next_code_point(text);
    if (!code) return false;
    points.at[points.size++] = *code;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
    return put(0x80 | (code & 0x3f));
  }
  if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    return put(0x80 | (code & 0x3f));
  }
  put(0xf0 | code >> 18);
  put(0x80 | (code >> 12 & 0x3f));
  put(0x80 | (code >> 6 & 0x3f));
  put(0x80 | (code & 0x3f));
}

std::string encode(const CodePoints& points) {
  std::string text;
  text.reserve(points.size * 3);
  for (const std::uint32_t code : std::span{points.at}.first(points.size)) append_utf8(text, code);
  return text;
}

bool run(CodePoints& points, const Stringprep_profile* profile, Unassigned unassigned) {
  const auto flags = unassigned == Unassigned::refused ? STRINGPREP_NO_UNASSIGNED : Stringprep_profile_flags{};
  return stringprep_4i(points.at.data(), &points.size, points.at.size(), flags, profile) == STRINGPREP_OK;
}

// The way through libidn. Twice, because NFKC of Unicode 3.2 is not stable for all texts (Corrigendum 5), and an
// address that changes when it is read again would be two addresses.
std::optional<std::string> prepare(std::string_view text, const Stringprep_profile* profile, Unassigned unassigned) {
  CodePoints points;
  if (!decode(text, points) || !run(points, profile, unassigned)) return std::nullopt;
  std::string once = encode(points);
  if (once.empty() || once.size() > max_prepared_size) return std::nullopt;
  if (!run(points, profile, unassigned) || encode(points) != once) return std::nullopt;
  return once;
}

std::optional<std::string> prepare(std::string_view text, const AsciiProfile& ascii, const Stringprep_profile* profile,
                                   Unassigned unassigned) {
  if (!std::ranges::all_of(text, is_ascii_byte)) return prepare(text, profile, unassigned);
  if (text.empty() || text.size() > max_prepared_size) return std::nullopt;
  std::string prepared(text.size(), '\0');
  if (!prepare_ascii(ascii, text, prepared.data())) return std::nullopt;
  return prepared;
}

bool is_plain_label(std::string_view label) {
  return !label.empty() && label.size() <= max_label_size && label.front() != '-' && label.back() != '-';
}

// RFC 3490 §4.1 ToASCII, the result of which is thrown away.
bool survives_to_ascii(std::string_view label) {
  CodePoints points;
  std::array<char, max_label_size + 1> ascii{};
  return decode(label, points) && idna_to_ascii_4i(points.at.data(), points.size, ascii.data(), 0) == IDNA_SUCCESS;
}

// RFC 3490 §4.2 ToUnicode of a good `xn--` label, which gives the label itself when IDNA would not take it back.
std::string to_unicode(std::string_view label) {
  CodePoints points;
  std::array<std::uint32_t, max_label_size + 1> unicode{};
  std::size_t size = unicode.size();
  if (!decode(label, points) ||
      idna_to_unicode_44i(points.at.data(), points.size, unicode.data(), &size, 0) != IDNA_SUCCESS)
    return std::string{label};
  CodePoints result;
  result.size = std::min(size, unicode.size());
  std::copy_n(unicode.begin(), result.size, result.at.begin());
  return encode(result);
}

std::optional<std::string> prepare_label(std::string_view label) {
  auto prepared = nameprep(label);
  if (!prepared) return std::nullopt;
  if (prepared->starts_with("xn--") && is_plain_label(*prepared)) {
    const std::string unicode = to_unicode(*prepared);
    if (nameprep(unicode) == unicode) prepared = unicode;
  }
  const bool good_ascii = std::ranges::all_of(*prepared, [](char c) {
    return !is_ascii_byte(c) || (c != '.' && label_ascii[static_cast<unsigned char>(c)] == c);
  });
  if (!good_ascii || prepared->front() == '-' || prepared->back() == '-') return std::nullopt;
  if (std::ranges::all_of(*prepared, is_ascii_byte)) {
    if (!is_plain_label(*prepared)) return std::nullopt;
  } else if (!survives_to_ascii(*prepared)) {
    return std::nullopt;
  }
  return prepared;
}

// RFC 3490 §3.1: what else counts as a dot.
std::string with_ascii_dots(std::string_view domain) {
  std::string text{domain};
  for (const std::string_view dot : {"\u3002", "\uff0e", "\uff61"})
    for (auto at = text.find(dot); at != std::string::npos; at = text.find(dot, at)) text.replace(at, dot.size(), ".");
  return text;
}

std::optional<std::string> prepare_labels(std::string_view domain) {
  std::string prepared;
  while (true) {
    const auto dot = domain.find('.');
    const auto label = prepare_label(domain.substr(0, dot));
    if (!label) return std::nullopt;
    prepared += *label;
    if (dot == std::string_view::npos) break;
    prepared += '.';
    domain.remove_prefix(dot + 1);
  }
  if (prepared.size() > max_prepared_size) return std::nullopt;
  return prepared;
}

// RFC 5952: one address, one text.
std::optional<std::string> prepare_ipv6(std::string_view inside) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  in6_addr address;
  if (inside.size() >= text.size()) return std::nullopt;
  std::ranges::copy(inside, text.begin());
  if (inside.contains('\0') || inet_pton(AF_INET6, text.data(), &address) != 1) return std::nullopt;
  inet_ntop(AF_INET6, &address, text.data(), text.size());
  return std::string{"["} + text.data() + "]";
}

}  // namespace

// Tables of RFC 3454: C.2.1 (controls) is refused everywhere, C.1.1 (space) and the eight of Nodeprep in nodes.
constinit const AsciiProfile node_ascii = profile_of(
    [](char c) { return c <= ' ' || c == 0x7f || std::string_view{"\"&'/:<>@"}.contains(c) ? '\0' : lower(c); });
constinit const AsciiProfile resource_ascii = profile_of([](char c) { return c < ' ' || c == 0x7f ? '\0' : c; });
constinit const AsciiProfile label_ascii = profile_of([](char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ? l : '\0';
});

bool prepare_ascii(const AsciiProfile& profile, std::string_view text, char* out) {
  for (const char c : text) {
    const char prepared = profile[static_cast<unsigned char>(c)];
    if (prepared == 0) return false;
    *out++ = prepared;
  }
  return true;
}

bool has_plain_labels(std::string_view domain) {
  while (true) {
    const auto dot = std::min(domain.find('.'), domain.size());
    const std::string_view label = domain.substr(0, dot);
    if (!is_plain_label(label) || label.starts_with("xn--")) return false;
    if (dot == domain.size()) return true;
    domain.remove_prefix(dot + 1);
  }
}

std::optional<std::string> nodeprep(std::string_view text) {
  return prepare(text, node_ascii, stringprep_xmpp_nodeprep, Unassigned::refused);
}

std::optional<std::string> resourceprep(std::string_view text, Unassigned unassigned) {
  return prepare(text, resource_ascii, stringprep_xmpp_resourceprep, unassigned);
}

// Nameprep alone takes any ASCII and only folds it; the rules for hosts are domainprep's.
std::optional<std::string> nameprep(std::string_view text) {
  if (!std::ranges::all_of(text, is_ascii_byte)) return prepare(text, stringprep_nameprep, Unassigned::refused);
  if (text.empty() || text.size() > max_prepared_size) return std::nullopt;
  std::string prepared{text};
  std::ranges::transform(prepared, prepared.begin(), lower);
  return prepared;
}

std::optional<std::string> domainprep(std::string_view text) {
  if (text.empty() || text.size() > max_unprepared_size) return std::nullopt;
  if (text.starts_with('[')) {
    if (!text.ends_with(']')) return std::nullopt;
    return prepare_ipv6(text.substr(1, text.size() - 2));
  }
  const std::string dotted = with_ascii_dots(text);
  std::string_view domain = dotted;
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return prepare_labels(domain);
}

std::optional<std::string> saslprep(std::string_view text, Unassigned unassigned) {
  return prepare(text, resource_ascii, stringprep_saslprep, unassigned);
}

bool is_utf8(std::string_view text) {
  while (!text.empty())
    if (!next_code_point(text)) return false;
  return true;
}

}  // namespace meerkat
