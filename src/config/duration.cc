// SPDX-License-Identifier: Apache-2.0
#include "config/duration.h"

#include <charconv>
#include <cstdint>
#include <utility>

namespace meerkat::config {
namespace {

using namespace std::chrono_literals;

struct TimeUnit {
  std::string_view name;
  std::chrono::nanoseconds length;
};
// From long to short, for printing; a second name of the same length is read only.
constexpr TimeUnit time_units[] = {{"d", 24h},  {"h", 1h},   {"min", 1min}, {"s", 1s},
                                   {"ms", 1ms}, {"us", 1us}, {"ns", 1ns},   {"m", 1min}};

constexpr std::string_view size_letters = "kmgt";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view without_spaces_before(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

// The number in front, and what follows it.
std::optional<std::pair<std::int64_t, std::string_view>> number_and_unit(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  return std::pair{number, without_spaces_before(text.substr(static_cast<std::size_t>(end - text.data())))};
}

// How far the letters of a size shift its number; "KiB" and "KB" are the same.
std::optional<unsigned> shift_of(std::string_view letters) {
  if (letters.empty() || lower(letters.back()) != 'b') return std::nullopt;
  letters.remove_suffix(1);
  if (letters.empty()) return 0;
  if (letters.size() == 2 && letters[1] == 'i') letters.remove_suffix(1);
  const std::size_t power = size_letters.find(lower(letters[0]));
  if (letters.size() != 1 || power == std::string_view::npos) return std::nullopt;
  return static_cast<unsigned>(10 * (power + 1));
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  for (const TimeUnit& unit : time_units) {
    if (unit.name != parts->second) continue;
    std::int64_t count = 0;
    if (__builtin_mul_overflow(parts->first, unit.length.count(), &count)) return std::nullopt;
    return std::chrono::nanoseconds{count};
  }
  return std::nullopt;
}

std::string to_text(std::chrono::nanoseconds time) {
  for (const TimeUnit& unit : time_units)
    if (time != 0ns && time % unit.length == 0ns) return std::to_string(time / unit.length) + std::string{unit.name};
  return "0s";
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto parts = number_and_unit(text);
  if (!parts) return std::nullopt;
  const auto shift = shift_of(parts->second);
  const auto number = static_cast<std::uint64_t>(parts->first);
  if (!shift || number > (std::uint64_t{1} << 62 >> *shift)) return std::nullopt;
  return Bytes{number << *shift};
}

}  // namespace meerkat::config
