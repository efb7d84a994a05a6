// SPDX-License-Identifier: Apache-2.0
#include "xmpp/date_time.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace meerkat {
namespace {

using namespace std::chrono;

constexpr sys_seconds earliest = ceil<seconds>(WallTime::min());
constexpr sys_seconds latest = floor<seconds>(WallTime::max()) - seconds{1};  // leaves room for a fraction

// Takes exactly `count` digits off `text`.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// Numbers of two digits with a colon between them, each at most its limit.
template <std::size_t count>
std::optional<std::array<int, count>> clock_numbers(std::string_view& text, std::array<int, count> limits) {
  std::array<int, count> numbers{};
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && !take(text, ':')) return std::nullopt;
    const auto number = digits(text, 2);
    if (!number || *number > limits[i]) return std::nullopt;
    numbers[i] = *number;
  }
  return numbers;
}

std::optional<sys_days> date(std::string_view& text) {
  const auto y = digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto m = digits(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  const auto d = digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day day{year{*y}, month{static_cast<unsigned>(*m)}, std::chrono::day{static_cast<unsigned>(*d)}};
  if (!day.ok()) return std::nullopt;
  return sys_days{day};
}

// The digits behind the seconds; none is nought.
std::optional<nanoseconds> fraction_of_second(std::string_view& text) {
  if (!take(text, '.')) return nanoseconds{0};
  const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
  if (count == 0) return std::nullopt;
  nanoseconds::rep fraction = 0;
  for (std::size_t i = 0; i < 9; ++i) fraction = fraction * 10 + (i < count ? text[i] - '0' : 0);
  text.remove_prefix(count);
  return nanoseconds{fraction};
}

// "Z" or ±hh:mm, to the end of the text.
std::optional<minutes> offset(std::string_view text) {
  if (text == "Z") return minutes{0};
  const bool behind = text.starts_with('-');
  if (!behind && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const auto numbers = clock_numbers<2>(text, {23, 59});
  if (!numbers || !text.empty()) return std::nullopt;
  const minutes ahead = hours{(*numbers)[0]} + minutes{(*numbers)[1]};
  return behind ? -ahead : ahead;
}

void append_number(std::string& out, std::int64_t number, std::size_t width) {
  const std::string text = std::to_string(number);
  out.append(width - std::min(width, text.size()), '0').append(text);
}

}  // namespace

std::string date_time(WallTime time, Fraction fraction) {
  const auto second = floor<seconds>(time);
  const auto day = floor<days>(second);
  const year_month_day date{day};
  const hh_mm_ss clock{second - day};
  std::string text;
  text.reserve(27);
  append_number(text, static_cast<int>(date.year()), 4);
  append_number(text += '-', static_cast<unsigned>(date.month()), 2);
  append_number(text += '-', static_cast<unsigned>(date.day()), 2);
  append_number(text += 'T', clock.hours().count(), 2);
  append_number(text += ':', clock.minutes().count(), 2);
  append_number(text += ':', clock.seconds().count(), 2);
  if (fraction == Fraction::milliseconds) append_number(text += '.', floor<milliseconds>(time - second).count(), 3);
  if (fraction == Fraction::microseconds) append_number(text += '.', floor<microseconds>(time - second).count(), 6);
  return text += 'Z';
}

std::optional<WallTime> parse_date_time(std::string_view text) {
  const auto day = date(text);
  if (!day || !take(text, 'T')) return std::nullopt;
  const auto clock = clock_numbers<3>(text, {23, 59, 59});
  if (!clock) return std::nullopt;
  const auto fraction = fraction_of_second(text);
  if (!fraction) return std::nullopt;
  const auto ahead = offset(text);
  if (!ahead) return std::nullopt;
  const sys_seconds second = *day + hours{(*clock)[0]} + minutes{(*clock)[1]} + seconds{(*clock)[2]} - *ahead;
  if (second < earliest || second > latest) return std::clamp(second, earliest, latest);
  return second + duration_cast<WallTime::duration>(*fraction);
}

}  // namespace meerkat
