// SPDX-License-Identifier: Apache-2.0
#include "net/http_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/http_path.h"

namespace meerkat {
namespace {

namespace beast = boost::beast::http;

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

HttpReader::HttpReader(const HttpLimits& limits) : limits_(limits), scan_(limits) {}

HttpReader::State HttpReader::refuse(unsigned status, std::string_view why) {
  status_ = status;
  why_ = why;
  keeps_alive_ = false;
  return state_ = State::refused;
}

HttpReader::State HttpReader::read(std::string& bytes) {
  if (state_ == State::head) return read_head(bytes);
  if (state_ == State::body) return read_body(bytes);
  return state_;
}

HttpReader::State HttpReader::read_head(std::string& bytes) {
  const HttpHeadScan::Outcome found = scan_.look(bytes);
  if (found.refused != 0) return refuse(found.refused, found.why);
  if (found.size == 0) return state_;
  std::string_view head = std::string_view{bytes}.substr(0, found.size);
  while (head.starts_with("\r\n")) head.remove_prefix(2);

  const State state = parse_head(head);
  bytes.erase(0, found.size);
  return state == State::refused || judge_framing() == State::refused ? state_ : judge_target();
}

HttpReader::State HttpReader::parse_head(std::string_view head) {
  beast::request_parser<beast::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits_.head + 4));
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // who answers sets it, and is not known yet
  boost::system::error_code error;
  parser.put(boost::asio::const_buffer{head.data(), head.size()}, error);
  if (error == beast::error::bad_version) {
    const std::string_view line = head.substr(0, head.find('\r'));
    const bool other_version =
        std::ranges::count(line, ' ') == 2 && line.substr(line.rfind(' ') + 1).starts_with("HTTP/");
    return other_version ? refuse(505, "another version of HTTP") : refuse(400, "the request line is malformed");
  }
  if (error == beast::error::bad_content_length) return refuse(400, "the length of the body is malformed");
  if (error == beast::error::bad_transfer_encoding) return refuse(400, "the body has two lengths");
  if (error || !parser.is_header_done()) return refuse(400, "the head is malformed");

  const auto& message = parser.get();
  is_1_0_ = message.version() == 10;
  keeps_alive_ = parser.keep_alive();
  request_.method_name = std::string{message.method_string()};
  request_.method = http_method(request_.method_name);
  request_.target = std::string{message.target()};
  for (const auto& field : message) request_.headers.add(std::string{field.name_string()}, std::string{field.value()});
  return state_;
}

// RFC 9112 §6.1, §6.3: one way of telling the length, or none.
HttpReader::State HttpReader::judge_framing() {
  const HttpHeaders& headers = request_.headers;
  const std::size_t lengths = headers.count("Content-Length"), codings = headers.count("Transfer-Encoding");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) return refuse(400, "the body has two lengths");
  if (lengths > 0 && !is_number(headers.get("Content-Length")))
    return refuse(400, "the length of the body is malformed");
  if (codings > 0 && is_1_0_) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
  if (codings > 0 && !same_word(headers.get("Transfer-Encoding"), "chunked"))
    return refuse(501, "the body is coded in a way that is not known");
  const bool needs_length =
      request_.method == HttpMethod::post || request_.method == HttpMethod::put || request_.method == HttpMethod::patch;
  if (needs_length && lengths + codings == 0) return refuse(411, "the length of the body is not told");
  has_body_ = codings > 0 || headers.get("Content-Length").find_first_not_of('0') != std::string_view::npos;
  const std::string_view expected = headers.get("Expect");
  if (!expected.empty() && !is_1_0_) {
    if (!same_word(expected, "100-continue")) return refuse(417, "an expectation that is not known");
    wants_continue_ = has_body_;
  }
  return state_;
}

HttpReader::State HttpReader::judge_target() {
  const HttpHeaders& headers = request_.headers;
  auto target = parse_http_target(request_.target);
  const bool star = target && target->is_star;
  if (!target || (star && request_.method != HttpMethod::options)) return refuse(400, "the target is malformed");
  // RFC 9112 §3.2: exactly one Host since HTTP/1.1.
  const std::size_t hosts = headers.count("Host");
  if (hosts > 1 || (hosts == 0 && !is_1_0_)) return refuse(400, "there must be one Host");
  const auto host = hosts == 1 ? http_host(headers.get("Host")) : std::optional<std::string>{""};
  if (!host) return refuse(400, "Host is malformed");
  request_.host = target->host.empty() ? *host : target->host;
  request_.path = star ? "*" : std::move(target->path);
  request_.query = std::move(target->query);
  return state_ = State::judging;
}

HttpReader::State HttpReader::take_body(std::size_t at_most) {
  if (!has_body_) return state_ = State::whole;
  std::optional<std::uint64_t> length;
  if (const std::string_view told = request_.headers.get("Content-Length"); !told.empty()) {
    length.emplace();
    std::from_chars(told.data(), told.data() + told.size(), *length);
  }
  body_.emplace(length, at_most);
  if (body_->state() == HttpBody::State::too_large) return refuse(413, "the body is larger than it may be");
  return state_ = State::body;
}

HttpReader::State HttpReader::read_body(std::string& bytes) {
  switch (body_->read(bytes)) {
    case HttpBody::State::too_large:
      return refuse(413, "the body is larger than it may be");
    case HttpBody::State::malformed:
      return refuse(400, "the chunks are malformed");
    case HttpBody::State::whole:
      request_.body = body_->take();
      body_.reset();
      return state_ = State::whole;
    default:
      return state_;
  }
}

}  // namespace meerkat
