// SPDX-License-Identifier: Apache-2.0
#include "store/sql/postgres_values.h"

#include <bit>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace meerkat::sql {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  const auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (int shift = static_cast<int>(sizeof bits) * 8 - 8; shift >= 0; shift -= 8)
    out += static_cast<char>((bits >> shift) & 0xff);
}

template <class Number>
Number number_of(std::string_view bytes) {
  if (bytes.size() != sizeof(Number)) throw BadStatement("a number of another size was expected");
  std::make_unsigned_t<Number> bits = 0;
  for (const char byte : bytes)
    bits = static_cast<std::make_unsigned_t<Number>>((std::uint64_t{bits} << 8) | static_cast<unsigned char>(byte));
  return static_cast<Number>(bits);
}

template <class Number>
std::string binary_integer(std::int64_t number) {
  if (number < std::numeric_limits<Number>::min() || number > std::numeric_limits<Number>::max())
    throw Constraint(Constraint::Kind::other, fmt::format("{} does not fit its column", number));
  std::string bytes;
  append_number(bytes, static_cast<Number>(number));
  return bytes;
}

PostgresParameter of_integer(std::int64_t number, pg::Oid type) {
  switch (type) {
    case pg::boolean:
      return {std::string(1, number != 0 ? '\1' : '\0'), true};
    case pg::int2:
      return {binary_integer<std::int16_t>(number), true};
    case pg::int4:
      return {binary_integer<std::int32_t>(number), true};
    case pg::int8:
      return {binary_integer<std::int64_t>(number), true};
    default:
      return {std::to_string(number), false};
  }
}

PostgresParameter of_text(std::string_view text, pg::Oid type) {
  // The binary form of text is the text itself, with its length: no byte ends it early.
  const bool is_text = type == pg::text || type == pg::varchar || type == pg::bpchar || type == pg::bytea;
  if (!is_text && text.contains('\0')) throw Constraint(Constraint::Kind::other, "a zero byte does not fit its column");
  return {std::string{text}, is_text};
}

// Microseconds since the beginning of 2000, as SQLite's CURRENT_TIMESTAMP writes times.
std::string time_text(std::int64_t microseconds) {
  using namespace std::chrono;
  const sys_days beginning{year{2000} / January / 1};
  const auto time = time_point_cast<std::chrono::microseconds>(sys_time<std::chrono::microseconds>{beginning}) +
                    std::chrono::microseconds{microseconds};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto rest = clock.subseconds().count(); rest != 0) text += fmt::format(".{:06}", rest);
  return text;
}

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Whole numbers stay whole, as far as they fit.
Value number_of_text(std::string_view text) {
  if (const auto whole = parsed<std::int64_t>(text)) return *whole;
  if (const auto number = parsed<double>(text)) return *number;
  throw BadStatement("a number was expected");
}

// The text form of bytea: \x and two digits for each byte.
Blob unescaped(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  Blob blob;
  for (std::size_t at = 2; at + 1 < text.size(); at += 2)
    blob.bytes += static_cast<char>(digit(text[at]) * 16 + digit(text[at + 1]));
  return blob;
}

Value of_text_form(std::string_view text, pg::Oid type) {
  switch (type) {
    case pg::boolean:
      return text == "t" ? 1 : 0;
    case pg::int2:
    case pg::int4:
    case pg::int8:
    case pg::numeric:
      return number_of_text(text);
    case pg::float4:
    case pg::float8:
      return parsed<double>(text).value_or(0.0);
    case pg::bytea:
      return unescaped(text);
    default:
      return text;
  }
}

}  // namespace

void append_int32(std::string& out, std::int32_t number) { append_number(out, number); }

PostgresParameter postgres_parameter(const Value& value, pg::Oid type) {
  if (const auto* number = std::get_if<std::int64_t>(&value.content())) {
    if (type != pg::float8) return of_integer(*number, type);
    return postgres_parameter(Value{static_cast<double>(*number)}, type);
  }
  if (const auto* number = std::get_if<double>(&value.content())) {
    if (type != pg::float8) return {fmt::format("{}", *number), false};
    std::string bytes;
    append_number(bytes, std::bit_cast<std::int64_t>(*number));
    return {std::move(bytes), true};
  }
  if (const auto* text = std::get_if<std::string>(&value.content())) return of_text(*text, type);
  if (const auto* blob = std::get_if<Blob>(&value.content())) return {blob->bytes, true};
  return {.is_null = true};
}

bool has_binary_form(pg::Oid type) {
  switch (type) {
    case pg::boolean:
    case pg::bytea:
    case pg::int2:
    case pg::int4:
    case pg::int8:
    case pg::float4:
    case pg::float8:
    case pg::text:
    case pg::varchar:
    case pg::bpchar:
    case pg::timestamp:
      return true;
    default:
      return false;
  }
}

Value postgres_cell(std::string_view bytes, pg::Oid type, bool is_binary) {
  if (!is_binary) return of_text_form(bytes, type);
  switch (type) {
    case pg::boolean:
      return bytes == std::string_view{"\0", 1} ? 0 : 1;
    case pg::int2:
      return number_of<std::int16_t>(bytes);
    case pg::int4:
      return number_of<std::int32_t>(bytes);
    case pg::int8:
      return number_of<std::int64_t>(bytes);
    case pg::float4:
      return static_cast<double>(std::bit_cast<float>(number_of<std::int32_t>(bytes)));
    case pg::float8:
      return std::bit_cast<double>(number_of<std::int64_t>(bytes));
    case pg::timestamp:
      return time_text(number_of<std::int64_t>(bytes));
    case pg::bytea:
      return Blob{std::string{bytes}};
    default:
      return bytes;
  }
}

}  // namespace meerkat::sql
