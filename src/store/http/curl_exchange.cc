// SPDX-License-Identifier: Apache-2.0
#include "store/http/curl_exchange.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "base/secret.h"
#include "base/version.h"
#include "net/tls_adopted.h"
#include "net/tls_client_section.h"

namespace meerkat::http {
namespace {

constexpr std::size_t most_header_bytes = 64UL * 1024;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void use_tls(Place& place, const TlsClientSettings& settings) {
  auto made = TlsContext::make(tls_options(settings), TlsRole::client);
  if (!made) throw std::runtime_error{made.error()};
  place.tls = std::move(*made);
  const std::string& host = place.origin.name;
  const std::string name = settings.server_name(host);
  place.checks_name = !name.empty();
  if (name.empty() || name == host) return;
  // curl asks for the name in the URL; so that is the other name, and what we connect to stays.
  const Origin other{.tls = true, .name = name, .port = place.origin.port};
  place.url = "https://" + other.authority();
  place.connect_to = other.authority() + ":" + place.origin.authority();
}

}  // namespace

void start_curl() {
  static const bool is_started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!is_started) throw std::runtime_error{"libcurl cannot be used"};
}

Place place_of(const Connection& connection) {
  const auto origin = read_origin(connection.host);
  if (!origin) throw std::runtime_error{"no web service: " + connection.host};
  Place place{.origin = *origin, .prefix = connection.path_prefix};
  place.url = (origin->tls ? "https://" : "http://") + origin->authority();
  if (origin->tls) use_tls(place, connection.tls.value_or(TlsClientSettings{}));
  return place;
}

Exchange::Exchange(const Place& place) : place_(place), easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc{};
}

Exchange::Exchange(const Place& place, HttpCall& call, SteadyTime until) : Exchange(place) {
  call_ = &call;
  until_ = until;
}

void Exchange::only_connects(long milliseconds) {
  set_way(milliseconds);
  set(CURLOPT_URL, (place_.url + "/").c_str());
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
}

void Exchange::prepare(long milliseconds) {
  curl_easy_reset(easy_.get());
  headers_.reset();
  sent_ = header_bytes_ = 0;
  is_too_large_ = false;
  error_[0] = '\0';
  call_->response = {};
  set_way(milliseconds);
  std::string url;
  url.reserve(place_.url.size() + place_.prefix.size() + request().path.size());
  url.append(place_.url).append(place_.prefix).append(request().path);
  set(CURLOPT_URL, url.c_str());
  if (request().is_secret) wipe(url);
  set(CURLOPT_PATH_AS_IS, 1L);
  set_method();
  set_headers();
  set(CURLOPT_WRITEFUNCTION, &Exchange::body_came);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Exchange::header_came);
  set(CURLOPT_HEADERDATA, this);
}

// How to get there; nothing of it comes from the environment or from files of the user that we run as.
void Exchange::set_way(long milliseconds) {
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a slow name server does not hold up the end
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_TIMEOUT_MS, std::max(1L, milliseconds));
  set(CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, milliseconds));
  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(place_.tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  if (!place_.connect_to.empty()) {
    connect_to_.reset(curl_slist_append(nullptr, place_.connect_to.c_str()));
    set(CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (!place_.tls) return;
  // Chains are judged by our own context within the handshake; the name by curl after it.
  set(CURLOPT_SSL_VERIFYPEER, 0L);
  set(CURLOPT_SSL_VERIFYHOST, place_.checks_name ? 2L : 0L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_SSL_CTX_FUNCTION, &Exchange::tls_begins);
  set(CURLOPT_SSL_CTX_DATA, this);
}

void Exchange::set_method() {
  const Method method = request().method;
  if (method == Method::head)
    set(CURLOPT_NOBODY, 1L);
  else if (method == Method::get || (method == Method::remove && request().body.empty()))
    set(CURLOPT_HTTPGET, 1L);
  else
    set_body();
  if (method != Method::head && method != Method::get && method != Method::post)
    set(CURLOPT_CUSTOMREQUEST, word_of(method));
}

void Exchange::set_body() {
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request().body.size()));
  set(CURLOPT_READFUNCTION, &Exchange::body_is_wanted);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &Exchange::body_is_wanted_again);
  set(CURLOPT_SEEKDATA, this);
  // Curl repeats by itself what a kept connection did not answer, unless it cannot get the body again; without a body
  // only a connection that was not kept is safe.
  if (request().body.empty() && !may_be_sent_twice(request())) set(CURLOPT_FRESH_CONNECT, 1L);
}

void Exchange::set_headers() {
  add_header("User-Agent: " + std::string{product_name} + "/" + std::string{product_version});
  add_header("Expect:");  // no waiting for "100 Continue"
  if (!place_.connect_to.empty()) add_header("Host: " + place_.origin.authority());
  const std::string& type = request().content_type;
  add_header(type.empty() ? "Content-Type:" : "Content-Type: " + type);
  for (const Header& header : request().headers)
    add_header(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void Exchange::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc{};
  std::ignore = headers_.release();
  headers_.reset(longer);
}

bool Exchange::used_streams() const {
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_2_0;
}

bool Exchange::was_connected() const {
  curl_off_t sending_began = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &sending_began);
  return sending_began > 0;
}

void Exchange::count_traffic(CallSupply& supply) const {
  long head_sent = 0;
  long head_received = 0;
  curl_off_t body_sent = 0;
  curl_off_t body_received = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &head_sent);
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &body_sent);
  curl_easy_getinfo(easy_.get(), CURLINFO_HEADER_SIZE, &head_received);
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_DOWNLOAD_T, &body_received);
  supply.count_traffic(static_cast<std::size_t>(head_sent + body_sent),
                       static_cast<std::size_t>(head_received + body_received));
}

std::string Exchange::words(CURLcode code) const {
  if (is_too_large_) return "the answer is larger than " + std::to_string(request().most_bytes) + " bytes";
  const std::string_view more{error_.data()};
  return std::string{more.empty() ? std::string_view{curl_easy_strerror(code)} : more};
}

std::size_t Exchange::body_came(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  auto& exchange = *static_cast<Exchange*>(self);
  std::string& body = exchange.call_->response.body;
  if (body.size() + size * count > exchange.request().most_bytes) {
    exchange.is_too_large_ = true;
    return 0;
  }
  const std::string_view more{bytes, size * count};
  exchange.request().is_secret ? append_secret(body, more) : static_cast<void>(body.append(more));
  return size * count;
} catch (...) {
  return 0;  // no memory; curl ends the request
}

std::size_t Exchange::header_came(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.header_bytes_ += size * count;
  if (exchange.header_bytes_ > most_header_bytes) return 0;
  exchange.take_header({bytes, size * count});
  return size * count;
} catch (...) {
  return 0;  // no memory; curl ends the request
}

void Exchange::take_header(std::string_view line) {
  Response& response = call_->response;
  if (line.starts_with("HTTP/")) {
    // An answer of the kind 1xx came before it, or none.
    response.headers.clear();
    const auto space = line.find(' ');
    response.status = 0;
    for (const char c : line.substr(std::min(line.size(), space + 1), 3))
      if (c >= '0' && c <= '9') response.status = response.status * 10 + (c - '0');
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  Header header{std::string{line.substr(0, colon)}, std::string{trimmed(line.substr(colon + 1))}};
  std::ranges::transform(header.name, header.name.begin(), lower);
  response.headers.push_back(std::move(header));
}

std::size_t Exchange::body_is_wanted(char* into, std::size_t size, std::size_t count, void* self) noexcept {
  auto& exchange = *static_cast<Exchange*>(self);
  const std::string_view left = std::string_view{exchange.request().body}.substr(exchange.sent_);
  const std::size_t now = std::min(left.size(), size * count);
  std::memcpy(into, left.data(), now);
  exchange.sent_ += now;
  return now;
}

int Exchange::body_is_wanted_again(void* self, curl_off_t offset, int origin) noexcept {
  auto& exchange = *static_cast<Exchange*>(self);
  const bool can_be =
      origin == SEEK_SET && offset >= 0 && static_cast<std::size_t>(offset) <= exchange.request().body.size();
  if (!can_be || !may_be_sent_twice(exchange.request())) return CURL_SEEKFUNC_FAIL;
  exchange.sent_ = static_cast<std::size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

CURLcode Exchange::tls_begins(CURL* /*easy*/, void* context, void* self) noexcept {
  const auto& exchange = *static_cast<Exchange*>(self);
  return adopt(static_cast<ssl_ctx_st*>(context), *exchange.place_.tls) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

}  // namespace meerkat::http
