// SPDX-License-Identifier: Apache-2.0
#include "net/http_writer.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/log.h"
#include "net/http_compression.h"

namespace meerkat {
namespace {

namespace beast = boost::beast::http;
using Answer = beast::response<beast::string_body>;

constexpr std::array<std::string_view, 6> own_fields{"Content-Length", "Transfer-Encoding", "Date",
                                                     "Server",         "Connection",        "Keep-Alive"};

bool is_fit(const HttpHeaders::Field& field, bool upgrades) {
  const auto& [name, value] = field;
  const bool own = std::ranges::any_of(own_fields, [&name](std::string_view own) { return same_word(name, own); });
  if (own && !(upgrades && same_word(name, "Connection"))) return false;
  const auto is_bad = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
  const bool name_fits = !name.empty() && name.find_first_of(" \t:") == std::string::npos;
  return name_fits && std::ranges::none_of(name, is_bad) && std::ranges::none_of(value, is_bad);
}

// RFC 9110 §8.6: these have no length.
bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

void compress(HttpResponse& response, bool takes_gzip) {
  if (!is_worth_compressing(response)) return;
  response.headers.add("Vary", "Accept-Encoding");
  if (!takes_gzip) return;
  auto packed = gzipped(response.body);
  if (!packed) return;
  response.headers.set("Content-Encoding", "gzip");
  response.body = std::move(*packed);
}

template <class Serializer>
void append(std::string& out, Serializer& serializer) {
  boost::system::error_code error;
  do {
    serializer.next(error, [&](boost::system::error_code& wrong, const auto& buffers) {
      wrong = {};
      std::size_t count = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        out.append(static_cast<const char*>(buffer.data()), buffer.size());
        count += buffer.size();
      }
      serializer.consume(count);
    });
  } while (!error && !serializer.is_done());
}

}  // namespace

std::string http_date(WallTime time) {
  static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

void write_http(std::string& out, HttpResponse& response, const HttpAnswerForm& form) {
  if (form.may_compress) compress(response, form.takes_gzip);
  const bool upgrades = response.status == 101;
  Answer answer;
  answer.version(11);
  answer.result(response.status);
  answer.reason(std::string{http_reason(response.status)});
  answer.set(beast::field::date, http_date(form.now));
  if (!form.server.empty()) answer.set(beast::field::server, std::string{form.server});
  for (const HttpHeaders::Field& field : response.headers) {
    if (is_fit(field, upgrades))
      answer.insert(field.first, field.second);
    else
      log_error("http_field_left_out", {{"name", field.first}, {"status", response.status}});
  }
  if (!has_no_body(response.status)) answer.content_length(response.body.size());
  if (!upgrades && !form.keeps_alive) answer.set(beast::field::connection, "close");
  if (!upgrades && form.keeps_alive && form.to_1_0) answer.set(beast::field::connection, "keep-alive");
  if (!form.to_head && !has_no_body(response.status)) answer.body() = std::move(response.body);
  beast::response_serializer<beast::string_body> serializer{answer};
  append(out, serializer);
}

}  // namespace meerkat
