// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/value_codec.h"

#include <bit>
#include <limits>

#include "store/cassandra/errors.h"

namespace meerkat::cassandra {
namespace {

std::string_view kind_of(const Value& value) {
  constexpr std::string_view names[] = {"null",         "true or false", "a whole number", "a floating-point number",
                                        "text",         "bytes",         "a time",         "a UUID",
                                        "a big number", "a list",        "a map"};
  return names[value.held().index()];
}

[[noreturn]] void refuse(const Value& value, const Type& type) {
  throw BadStatement{std::string{kind_of(value)} + " has no place in the type " + type.name()};
}

template <class Held>
const Held& expect(const Value& value, const Type& type) {
  const Held* const held = std::get_if<Held>(&value.held());
  if (held == nullptr) refuse(value, type);
  return *held;
}

template <class Number>
void put_integer(std::string& out, const Value& value, const Type& type) {
  const std::int64_t number = expect<std::int64_t>(value, type);
  if (!std::in_range<Number>(number))
    throw BadStatement{std::to_string(number) + " is too large for the type " + type.name()};
  put_number(out, static_cast<Number>(number));
}

// As few bytes as hold the number and its sign.
void put_varint(std::string& out, const Value& value, const Type& type) {
  if (const auto* const large = std::get_if<Varint>(&value.held())) {
    out.append(large->bytes);
    return;
  }
  std::string bytes;
  put_number(bytes, expect<std::int64_t>(value, type));
  std::size_t begin = 0;
  const auto sign_of = [&](std::size_t at) { return (static_cast<std::uint8_t>(bytes[at]) & 0x80) != 0; };
  while (begin + 1 < bytes.size() && (bytes[begin] == '\0' || bytes[begin] == '\xff') &&
         sign_of(begin) == sign_of(begin + 1))
    ++begin;
  out.append(bytes, begin);
}

void put_count(std::string& out, std::size_t count) {
  if (count > std::numeric_limits<std::int32_t>::max()) throw BadStatement{"a collection of too many elements"};
  put_number(out, static_cast<std::int32_t>(count));
}

void put_contents(std::string& out, const Value& value, const Type& type) {
  switch (type.id) {
    case TypeId::ascii:
    case TypeId::varchar:
      out.append(expect<std::string>(value, type));
      break;
    case TypeId::boolean:
      out.push_back(expect<bool>(value, type) ? '\1' : '\0');
      break;
    case TypeId::bigint:
    case TypeId::counter:
      put_integer<std::int64_t>(out, value, type);
      break;
    case TypeId::int_:
      put_integer<std::int32_t>(out, value, type);
      break;
    case TypeId::smallint:
      put_integer<std::int16_t>(out, value, type);
      break;
    case TypeId::tinyint:
      put_integer<std::int8_t>(out, value, type);
      break;
    case TypeId::varint:
      put_varint(out, value, type);
      break;
    case TypeId::double_:
      put_number(out, std::bit_cast<std::int64_t>(expect<double>(value, type)));
      break;
    case TypeId::float_:
      put_number(out, std::bit_cast<std::int32_t>(static_cast<float>(expect<double>(value, type))));
      break;
    case TypeId::timestamp:
      put_number(out, std::int64_t{expect<Timestamp>(value, type).time_since_epoch().count()});
      break;
    case TypeId::uuid:
    case TypeId::timeuuid:
      for (const std::uint8_t byte : expect<Uuid>(value, type).bytes) out.push_back(static_cast<char>(byte));
      break;
    case TypeId::list:
    case TypeId::set:
      put_count(out, expect<List>(value, type).size());
      for (const Value& element : value.as<List>()) put_value(out, element, type.of[0]);
      break;
    case TypeId::map:
      put_count(out, expect<Map>(value, type).size());
      for (const auto& [key, element] : value.as<Map>()) {
        put_value(out, key, type.of[0]);
        put_value(out, element, type.of[1]);
      }
      break;
    default:
      out.append(expect<Blob>(value, type).bytes);
  }
}

template <class Number>
Number number_of(std::string_view bytes, const Type& type) {
  if (bytes.size() != sizeof(Number))
    throw Malformed{"Cassandra: " + std::to_string(bytes.size()) + " bytes for a value of the type " + type.name()};
  BodyReader reader{bytes};
  if constexpr (sizeof(Number) == 8)
    return reader.take_long();
  else if constexpr (sizeof(Number) == 4)
    return reader.take_int();
  else if constexpr (sizeof(Number) == 2)
    return static_cast<Number>(reader.take_short());
  else
    return static_cast<Number>(reader.take_byte());
}

Value varint_of(std::string_view bytes) {
  if (bytes.size() > sizeof(std::int64_t)) return Varint{std::string{bytes}};
  std::uint64_t bits = (static_cast<std::uint8_t>(bytes[0]) & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) bits = bits << 8 | static_cast<std::uint8_t>(byte);
  return static_cast<std::int64_t>(bits);
}

bool may_be_empty(TypeId id) {
  using enum TypeId;
  switch (id) {
    case bigint:
    case boolean:
    case counter:
    case double_:
    case float_:
    case int_:
    case timestamp:
    case uuid:
    case varint:
    case timeuuid:
    case smallint:
    case tinyint:
    case list:
    case map:
    case set:
      return false;
    default:
      return true;
  }
}

Value take_element(BodyReader& body, const Type& type) {
  const auto bytes = body.take_bytes();
  return bytes ? value_from(*bytes, type) : Value{};
}

// As deep as its type, which take_type has seen to.
Value collection_of(std::string_view bytes, const Type& type) {
  BodyReader body{bytes};
  constexpr std::size_t least = 4;  // the length of an element
  if (type.id != TypeId::map) {
    List list;
    for (std::size_t count = body.take_count(least); count > 0; --count) list.push_back(take_element(body, type.of[0]));
    return list;
  }
  Map map;
  for (std::size_t count = body.take_count(2 * least); count > 0; --count) {
    Value key = take_element(body, type.of[0]);
    Value element = take_element(body, type.of[1]);
    map.emplace_back(std::move(key), std::move(element));
  }
  return map;
}

}  // namespace

Value value_from(std::string_view bytes, const Type& type) {
  if (bytes.empty() && !may_be_empty(type.id)) return {};
  switch (type.id) {
    case TypeId::ascii:
    case TypeId::varchar:
      return bytes;
    case TypeId::boolean:
      return number_of<std::int8_t>(bytes, type) != 0;
    case TypeId::bigint:
    case TypeId::counter:
      return number_of<std::int64_t>(bytes, type);
    case TypeId::int_:
      return number_of<std::int32_t>(bytes, type);
    case TypeId::smallint:
      return number_of<std::int16_t>(bytes, type);
    case TypeId::tinyint:
      return number_of<std::int8_t>(bytes, type);
    case TypeId::varint:
      return varint_of(bytes);
    case TypeId::double_:
      return std::bit_cast<double>(number_of<std::int64_t>(bytes, type));
    case TypeId::float_:
      return double{std::bit_cast<float>(number_of<std::int32_t>(bytes, type))};
    case TypeId::timestamp:
      return Timestamp{std::chrono::milliseconds{number_of<std::int64_t>(bytes, type)}};
    case TypeId::uuid:
    case TypeId::timeuuid: {
      Uuid uuid;
      if (bytes.size() != uuid.bytes.size()) throw Malformed{"Cassandra: a UUID of the wrong size"};
      for (std::size_t i = 0; i < bytes.size(); ++i) uuid.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
      return uuid;
    }
    case TypeId::list:
    case TypeId::set:
    case TypeId::map:
      return collection_of(bytes, type);
    default:
      return Blob{std::string{bytes}};
  }
}

void put_value(std::string& out, const Value& value, const Type& type) {
  if (value.is_null()) {
    put_number(out, std::int32_t{-1});
    return;
  }
  const std::size_t begin = out.size();
  put_number(out, std::int32_t{0});
  put_contents(out, value, type);
  const std::size_t length = out.size() - begin - sizeof(std::int32_t);
  if (length > max_body_size) throw BadStatement{"a value of more than 64 MiB"};
  std::string bytes;
  put_number(bytes, static_cast<std::int32_t>(length));
  out.replace(begin, bytes.size(), bytes);
}

}  // namespace meerkat::cassandra
