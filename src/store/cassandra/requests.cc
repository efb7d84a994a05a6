// SPDX-License-Identifier: Apache-2.0
#include "store/cassandra/requests.h"

#include <limits>
#include <utility>

#include "store/cassandra/errors.h"
#include "store/cassandra/frame.h"
#include "store/cassandra/value_codec.h"

namespace meerkat::cassandra {
namespace {

// CQL §4.1.4
constexpr std::uint8_t has_values = 0x01, has_page_size = 0x04, has_page = 0x08, has_serial_consistency = 0x10;

template <class Fill>
void put(std::string& out, Opcode opcode, std::int16_t stream, Fill fill) {
  FrameWriter frame{out, opcode, stream};
  try {
    fill(frame.body());
    frame.finish();
  } catch (...) {
    frame.give_up();
    throw;
  }
}

void put_values(std::string& out, BodyWriter& body, const Prepared& prepared, const std::vector<Value>& values) {
  if (values.size() != prepared.parameters.size() || values.size() > std::numeric_limits<std::uint16_t>::max())
    throw BadStatement{std::to_string(values.size()) + " values for the " + std::to_string(prepared.parameters.size()) +
                       " places of: " + prepared.text};
  body.put_short(static_cast<std::uint16_t>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) put_value(out, values[i], prepared.parameters[i].type);
}

std::uint8_t flags_of(const Wishes& wishes) { return wishes.serial_consistency ? has_serial_consistency : 0; }

void put_consistency(BodyWriter& body, Consistency consistency) { body.put_short(std::to_underlying(consistency)); }

}  // namespace

void put_startup(std::string& out, std::int16_t stream) {
  put(out, Opcode::startup, stream, [](BodyWriter& body) {
    constexpr std::pair<std::string_view, std::string_view> facts[] = {
        {"CQL_VERSION", "3.0.0"}, {"DRIVER_NAME", "Meerkat"}, {"DRIVER_VERSION", "1"}};
    body.put_short(std::size(facts));
    for (const auto& [key, value] : facts) {
      body.put_string(key);
      body.put_string(value);
    }
  });
}

void put_options(std::string& out, std::int16_t stream) {
  put(out, Opcode::options, stream, [](BodyWriter&) {});
}

void put_auth_response(std::string& out, std::int16_t stream, std::string_view username, std::string_view password) {
  put(out, Opcode::auth_response, stream, [&](BodyWriter& body) {
    std::string token{'\0'};
    token.append(username).push_back('\0');
    token.append(password);
    body.put_bytes(token);
  });
}

void put_register(std::string& out, std::int16_t stream) {
  put(out, Opcode::register_events, stream,
      [](BodyWriter& body) { body.put_string_list({"STATUS_CHANGE", "TOPOLOGY_CHANGE", "SCHEMA_CHANGE"}); });
}

void put_query(std::string& out, std::int16_t stream, std::string_view text, const Wishes& wishes) {
  put(out, Opcode::query, stream, [&](BodyWriter& body) {
    body.put_long_string(text);
    put_consistency(body, wishes.consistency);
    body.put_byte(flags_of(wishes));
    if (wishes.serial_consistency) put_consistency(body, *wishes.serial_consistency);
  });
}

void put_prepare(std::string& out, std::int16_t stream, std::string_view text) {
  put(out, Opcode::prepare, stream, [&](BodyWriter& body) { body.put_long_string(text); });
}

void put_execute(std::string& out, std::int16_t stream, const Prepared& prepared, const Statement& statement,
                 std::string_view page) {
  put(out, Opcode::execute, stream, [&](BodyWriter& body) {
    body.put_short_bytes(prepared.id);
    put_consistency(body, statement.wishes.consistency);
    const bool is_paged = statement.page_size > 0;
    body.put_byte(static_cast<std::uint8_t>(has_values | (is_paged ? has_page_size : 0) |
                                            (page.empty() ? 0 : has_page) | flags_of(statement.wishes)));
    put_values(out, body, prepared, statement.values);
    if (is_paged) body.put_int(statement.page_size);
    if (!page.empty()) body.put_bytes(page);
    if (statement.wishes.serial_consistency) put_consistency(body, *statement.wishes.serial_consistency);
  });
}

void put_batch(std::string& out, std::int16_t stream, Batch::Kind kind, std::span<const PreparedStatement> prepared,
               std::span<const Batch::Write> writes, const Wishes& wishes) {
  if (writes.size() > std::numeric_limits<std::uint16_t>::max())
    throw BadStatement{"a batch of more than 65535 writes", ErrorCode::invalid};
  put(out, Opcode::batch, stream, [&](BodyWriter& body) {
    body.put_byte(std::to_underlying(kind));
    body.put_short(static_cast<std::uint16_t>(writes.size()));
    for (std::size_t i = 0; i < writes.size(); ++i) {
      body.put_byte(1);  // prepared
      body.put_short_bytes(prepared[i]->id);
      put_values(out, body, *prepared[i], writes[i].values);
    }
    put_consistency(body, wishes.consistency);
    body.put_byte(flags_of(wishes));
    if (wishes.serial_consistency) put_consistency(body, *wishes.serial_consistency);
  });
}

}  // namespace meerkat::cassandra
