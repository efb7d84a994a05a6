// SPDX-License-Identifier: Apache-2.0
#include "store/amqp/frames.h"

#include <amqp.h>
#include <amqp_framing.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/secret.h"

namespace meerkat::amqp {
namespace {

constexpr std::size_t head_size = 7;  // type, channel, size; behind the payload one more byte
constexpr std::size_t largest_frame = 1024 * 1024;
constexpr std::size_t page_size = 4096;
constexpr std::size_t longest_name = 255;  // §4.2.5.3, short strings
constexpr std::uint16_t our_channel = 1;

::amqp_bytes_t bytes_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string text_of(::amqp_bytes_t bytes) { return {static_cast<const char*>(bytes.bytes), bytes.len}; }

std::uint32_t number_at(std::string_view bytes, std::size_t place) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[place + i]);
  return number;
}

void append_number(std::string& to, std::uint64_t number, int size) {
  for (int i = size - 1; i >= 0; --i) to += static_cast<char>(number >> (8 * i) & 0xff);
}

void append_frame(std::string& to, std::uint8_t type, std::uint16_t channel, std::string_view payload) {
  append_number(to, type, 1);
  append_number(to, channel, 2);
  append_number(to, payload.size(), 4);
  to += payload;
  to += static_cast<char>(AMQP_FRAME_END);
}

// `room` is what its texts take.
template <class Method>
void append_method(std::string& to, std::uint16_t channel, ::amqp_method_number_t id, Method method,
                   std::size_t room = 0) {
  std::string payload(1024 + room, '\0');
  const int size = ::amqp_encode_method(id, &method, {payload.size() - 4, payload.data() + 4});
  if (size < 0) throw std::runtime_error{std::string{"cannot write "} + ::amqp_method_name(id)};
  std::string number;
  append_number(number, id, 4);
  payload.replace(0, 4, number);
  payload.resize(4 + static_cast<std::size_t>(size));
  to.reserve(to.size() + head_size + payload.size() + 1);
  append_frame(to, AMQP_FRAME_METHOD, channel, payload);
  wipe(payload);  // it may be what we log in with
}

::amqp_table_entry_t entry(std::string_view name, bool value) {
  ::amqp_table_entry_t one{};
  one.key = bytes_of(name);
  one.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  one.value.value.boolean = value ? 1 : 0;
  return one;
}

::amqp_table_entry_t entry(std::string_view name, std::string_view value) {
  ::amqp_table_entry_t one{};
  one.key = bytes_of(name);
  one.value.kind = AMQP_FIELD_KIND_UTF8;
  one.value.value.bytes = bytes_of(value);
  return one;
}

template <class Entries>
::amqp_table_t table_of(Entries& entries) {
  return {static_cast<int>(entries.size()), entries.data()};
}

void append_properties(std::string& to, const Message& message) {
  std::vector<::amqp_table_entry_t> headers;
  std::size_t room = 1024 + message.content_type.size() + message.message_id.size();
  for (const Property& header : message.headers) {
    if (header.name.size() > longest_name)
      throw NotTaken{NotTaken::Reason::not_sendable, "the name of a header is longer than 255 bytes"};
    headers.push_back(entry(header.name, header.value));
    room += header.name.size() + header.value.size() + 16;
  }
  ::amqp_basic_properties_t properties{};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
  properties.delivery_mode = message.persistent ? 2 : 1;
  const auto set = [&properties](::amqp_bytes_t& property, const std::string& text, ::amqp_flags_t flag) {
    if (text.empty()) return;
    property = bytes_of(text);
    properties._flags |= flag;
  };
  set(properties.content_type, message.content_type, AMQP_BASIC_CONTENT_TYPE_FLAG);
  set(properties.message_id, message.message_id, AMQP_BASIC_MESSAGE_ID_FLAG);
  if (!headers.empty()) {
    properties.headers = table_of(headers);
    properties._flags |= AMQP_BASIC_HEADERS_FLAG;
  }
  std::string written(room, '\0');
  const int size = ::amqp_encode_properties(AMQP_BASIC_CLASS, &properties, {written.size(), written.data()});
  if (size < 0) throw NotTaken{NotTaken::Reason::not_sendable, "the properties of the message cannot be written"};
  to += std::string_view{written}.substr(0, static_cast<std::size_t>(size));
}

}  // namespace

struct FrameReader::Memory {
  Memory() { ::init_amqp_pool(&pool, page_size); }
  ~Memory() { ::empty_amqp_pool(&pool); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ::amqp_pool_t pool{};
};

FrameReader::FrameReader() : memory_(std::make_unique<Memory>()) {}
FrameReader::~FrameReader() = default;

std::optional<Heard> FrameReader::next() {
  if (read_ > 0) bytes_.erase(0, std::exchange(read_, 0));
  const std::string_view bytes = bytes_;
  if (bytes.size() < head_size) return std::nullopt;
  if (bytes.starts_with("AMQP")) throw std::runtime_error{"the broker does not speak AMQP 0-9-1"};
  const std::size_t size = number_at(bytes, 3);
  if (size > largest_frame) throw std::runtime_error{"this is no AMQP, or a frame is too large"};
  if (bytes.size() < head_size + size + 1) return std::nullopt;
  if (static_cast<unsigned char>(bytes[head_size + size]) != AMQP_FRAME_END)
    throw std::runtime_error{"a frame of the broker has no end"};
  read_ = head_size + size + 1;
  switch (bytes[0]) {
    case AMQP_FRAME_METHOD:
      return method(bytes.substr(head_size, size));
    case AMQP_FRAME_HEARTBEAT:
      return Heard{.what = Heard::What::heartbeat};
    default:
      return Heard{};
  }
}

Heard FrameReader::method(std::string_view payload) {
  if (payload.size() < 4) throw std::runtime_error{"a method of the broker has no number"};
  const ::amqp_method_number_t id = number_at(payload, 0);
  void* decoded = nullptr;
  ::recycle_amqp_pool(&memory_->pool);
  if (::amqp_decode_method(id, &memory_->pool, bytes_of(payload.substr(4)), &decoded) < 0)
    throw std::runtime_error{"a method of the broker cannot be read"};
  using enum Heard::What;
  switch (id) {
    case AMQP_CONNECTION_START_METHOD:
      return {.what = start, .words = text_of(static_cast<::amqp_connection_start_t*>(decoded)->mechanisms)};
    case AMQP_CONNECTION_TUNE_METHOD:
      return {.what = tune, .frame_max = static_cast<::amqp_connection_tune_t*>(decoded)->frame_max};
    case AMQP_CONNECTION_OPEN_OK_METHOD:
      return {.what = open_ok};
    case AMQP_CONNECTION_CLOSE_METHOD: {
      const auto& said = *static_cast<::amqp_connection_close_t*>(decoded);
      return {.what = close, .code = said.reply_code, .words = text_of(said.reply_text)};
    }
    case AMQP_CONNECTION_CLOSE_OK_METHOD:
      return {.what = close_ok};
    case AMQP_CONNECTION_BLOCKED_METHOD:
      return {.what = blocked, .words = text_of(static_cast<::amqp_connection_blocked_t*>(decoded)->reason)};
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
      return {.what = unblocked};
    case AMQP_CHANNEL_OPEN_OK_METHOD:
      return {.what = channel_open_ok};
    case AMQP_CHANNEL_CLOSE_METHOD: {
      const auto& said = *static_cast<::amqp_channel_close_t*>(decoded);
      return {.what = channel_close, .code = said.reply_code, .words = text_of(said.reply_text)};
    }
    case AMQP_CONFIRM_SELECT_OK_METHOD:
      return {.what = confirm_ok};
    case AMQP_EXCHANGE_DECLARE_OK_METHOD:
      return {.what = exchange_ok};
    case AMQP_BASIC_ACK_METHOD: {
      const auto& said = *static_cast<::amqp_basic_ack_t*>(decoded);
      return {.what = ack, .tag = said.delivery_tag, .and_earlier = said.multiple != 0};
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& said = *static_cast<::amqp_basic_nack_t*>(decoded);
      return {.what = nack, .tag = said.delivery_tag, .and_earlier = said.multiple != 0};
    }
    default:
      return {};
  }
}

namespace write {

void start_ok(std::string& to, const std::string& user, const std::string& password) {
  // With these the broker says why it closes, and when it cannot take messages.
  std::array capabilities{entry("authentication_failure_close", true), entry("connection.blocked", true),
                          entry("publisher_confirms", true), entry("basic.nack", true)};
  std::array<::amqp_table_entry_t, 2> properties{entry("product", "Meerkat"), {}};
  properties[1].key = bytes_of("capabilities");
  properties[1].value.kind = AMQP_FIELD_KIND_TABLE;
  properties[1].value.value.table = table_of(capabilities);
  std::string response;
  const WipedAtEnd wiped{response};
  response.reserve(user.size() + password.size() + 2);
  ((response += '\0') += user) += '\0';  // RFC 4616
  response += password;
  append_method(to, 0, AMQP_CONNECTION_START_OK_METHOD,
                ::amqp_connection_start_ok_t{.client_properties = table_of(properties),
                                             .mechanism = bytes_of("PLAIN"),
                                             .response = bytes_of(response),
                                             .locale = bytes_of("en_US")},
                response.size());
}

void tune_ok(std::string& to, std::uint32_t frame_max, std::uint16_t heartbeat_seconds) {
  append_method(
      to, 0, AMQP_CONNECTION_TUNE_OK_METHOD,
      ::amqp_connection_tune_ok_t{.channel_max = our_channel, .frame_max = frame_max, .heartbeat = heartbeat_seconds});
}

void open(std::string& to, const std::string& virtual_host) {
  append_method(to, 0, AMQP_CONNECTION_OPEN_METHOD,
                ::amqp_connection_open_t{.virtual_host = bytes_of(virtual_host), .capabilities = {}, .insist = 0});
}

void close(std::string& to) {
  append_method(to, 0, AMQP_CONNECTION_CLOSE_METHOD,
                ::amqp_connection_close_t{
                    .reply_code = AMQP_REPLY_SUCCESS, .reply_text = bytes_of("bye"), .class_id = 0, .method_id = 0});
}

void close_ok(std::string& to) {
  append_method(to, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, ::amqp_connection_close_ok_t{});
}

void channel_open(std::string& to) {
  append_method(to, our_channel, AMQP_CHANNEL_OPEN_METHOD, ::amqp_channel_open_t{});
}

void channel_close_ok(std::string& to) {
  append_method(to, our_channel, AMQP_CHANNEL_CLOSE_OK_METHOD, ::amqp_channel_close_ok_t{});
}

void confirm_select(std::string& to) {
  append_method(to, our_channel, AMQP_CONFIRM_SELECT_METHOD, ::amqp_confirm_select_t{});
}

void exchange_declare(std::string& to, const Exchange& exchange) {
  if (exchange.name.size() > longest_name || exchange.type.size() > longest_name)
    throw NotTaken{NotTaken::Reason::not_sendable, "the name of an exchange is longer than 255 bytes"};
  ::amqp_exchange_declare_t declare{};
  declare.exchange = bytes_of(exchange.name);
  declare.type = bytes_of(exchange.type);
  declare.durable = exchange.durable ? 1 : 0;
  append_method(to, our_channel, AMQP_EXCHANGE_DECLARE_METHOD, declare);
}

void heartbeat(std::string& to) { append_frame(to, AMQP_FRAME_HEARTBEAT, 0, {}); }

void publish(std::string& to, const Message& message, std::uint32_t frame_max) {
  for (const std::string* const name :
       {&message.exchange, &message.routing_key, &message.content_type, &message.message_id})
    if (name->size() > longest_name)
      throw NotTaken{NotTaken::Reason::not_sendable, "a name in the message is longer than 255 bytes"};
  // §4.2.6.1: class, weight, size of the body, properties.
  std::string head;
  append_number(head, AMQP_BASIC_CLASS, 2);
  append_number(head, 0, 2);
  append_number(head, message.payload.size(), 8);
  append_properties(head, message);
  if (head.size() > frame_max - head_size - 1)
    throw NotTaken{NotTaken::Reason::not_sendable, "the properties of the message are too long"};
  append_method(to, our_channel, AMQP_BASIC_PUBLISH_METHOD,
                ::amqp_basic_publish_t{.ticket = 0,
                                       .exchange = bytes_of(message.exchange),
                                       .routing_key = bytes_of(message.routing_key),
                                       .mandatory = 0,
                                       .immediate = 0});
  append_frame(to, AMQP_FRAME_HEADER, our_channel, head);
  const std::size_t piece = frame_max - head_size - 1;
  std::string_view body = message.payload;
  while (!body.empty()) {
    append_frame(to, AMQP_FRAME_BODY, our_channel, body.substr(0, piece));
    body.remove_prefix(std::min(piece, body.size()));
  }
}

}  // namespace write
}  // namespace meerkat::amqp
