// SPDX-License-Identifier: Apache-2.0
#include "net/http_compression.h"

#include <algorithm>
#include <array>

#include <zlib.h>

namespace meerkat {
namespace {

constexpr std::size_t too_little = 512;
constexpr int with_gzip_header = 16;

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    std::string_view element = accept_encoding.substr(0, accept_encoding.find(','));
    accept_encoding.remove_prefix(std::min(accept_encoding.size(), element.size() + 1));
    const std::size_t semicolon = std::min(element.find(';'), element.size());
    std::string weight;
    for (const char c : element.substr(semicolon))
      if (c != ' ' && c != '\t') weight += c;
    const bool none = weight.starts_with(";q=0") && weight.find_first_not_of("0.", 3) == std::string::npos;
    if (list_has(element.substr(0, semicolon), "gzip")) return !none;
  }
  return false;
}

bool is_worth_compressing(const HttpResponse& response) {
  if (response.body.size() < too_little || response.headers.contains("Content-Encoding")) return false;
  const std::string_view type = response.headers.get("Content-Type");
  constexpr std::array words{
      "text/", "application/json", "application/javascript", "application/openmetrics-text", "+json",
      "+xml",  "application/xml"};
  return std::ranges::any_of(words, [type](std::string_view word) { return type.contains(word); });
}

std::optional<std::string> gzipped(std::string_view body) {
  ::z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + with_gzip_header, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return std::nullopt;
  std::string packed(::deflateBound(&stream, static_cast<::uLong>(body.size())), '\0');
  // zlib only reads there; its interface is older than const.
  stream.next_in = reinterpret_cast<::Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<::uInt>(body.size());
  stream.next_out = reinterpret_cast<::Bytef*>(packed.data());
  stream.avail_out = static_cast<::uInt>(packed.size());
  const int result = ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return result == Z_STREAM_END ? std::optional{std::move(packed)} : std::nullopt;
}

}  // namespace meerkat
