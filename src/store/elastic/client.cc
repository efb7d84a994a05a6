// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/client.h"

#include <utility>

#include "base/text.h"
#include "store/http/form.h"

namespace meerkat::elastic {
namespace {

using http::Method;
using http::percent_encoded;

// A page of an archive, with room to spare.
constexpr std::size_t longest_answer = std::size_t{32} << 20;

// Beyond that the service cannot serve now, and the same may work later.
constexpr int too_many_requests = 429;
constexpr int server_error = 500;

http::Request request(Method method, std::string path, std::string body = {}) {
  http::Request request{.method = method, .path = std::move(path), .body = std::move(body)};
  request.most_bytes = longest_answer;
  if (!request.body.empty()) request.content_type = "application/json";
  return request;
}

void check_is_one_line(const std::string& json) {
  if (json.contains('\n')) throw Refused{400, "a document for a bulk is one line"};
}

}  // namespace

Client::Client(std::string name, const ElasticPoolOptions& options) : http_(std::move(name), http_options(options)) {
  const Connection& connection = options.connection;
  if (connection.username)
    authorization_ = "Basic " + base64(*connection.username + ":" + connection.password.value_or(""));
}

Task<http::Response> Client::ask(http::Request request) {
  if (!authorization_.empty()) request.headers.push_back({"Authorization", authorization_});
  http::Response response = co_await http_.request(std::move(request));
  if (response.is_good()) co_return response;
  const std::string reason = reason_of(response.status, response.body);
  if (response.status == too_many_requests || response.status >= server_error) throw Unavailable{reason};
  throw Refused{response.status, reason};
}

Task<bool> Client::create_index(std::string index, std::string settings) {
  try {
    co_await ask(request(Method::put, percent_encoded(index), std::move(settings)));
  } catch (const Refused& refused) {
    if (!std::string_view{refused.what()}.starts_with("resource_already_exists_exception")) throw;
    co_return false;
  }
  co_return true;
}

Task<> Client::remove_index(std::string index) { co_await ask(request(Method::remove, percent_encoded(index))); }

Task<> Client::put(std::string index, Document document) {
  std::string path = percent_encoded(index) + "/_doc/" + percent_encoded(document.id);
  co_await ask(request(Method::put, std::move(path), std::move(document.json)));
}

Task<> Client::put_all(std::string index, std::vector<Document> documents) {
  if (documents.empty()) co_return;
  std::string lines;
  for (const Document& document : documents) {
    check_is_one_line(document.json);
    lines += bulk_line(document.id) + document.json + '\n';
  }
  http::Request bulk = request(Method::post, percent_encoded(index) + "/_bulk", std::move(lines));
  bulk.content_type = "application/x-ndjson";
  bulk.repeat = http::Repeat::always;  // each document has its id, so twice is once
  const http::Response response = co_await ask(std::move(bulk));
  check_bulk(response.body);
}

Task<> Client::refresh(std::string index) { co_await ask(request(Method::post, percent_encoded(index) + "/_refresh")); }

Task<Found> Client::search(std::string index, std::string query) {
  http::Request search = request(Method::post, percent_encoded(index) + "/_search", std::move(query));
  search.repeat = http::Repeat::always;
  const http::Response response = co_await ask(std::move(search));
  co_return read_found(response.body);
}

Task<std::uint64_t> Client::remove_matching(std::string index, std::string query) {
  std::string path = percent_encoded(index) + "/_delete_by_query?conflicts=proceed";
  const http::Response response = co_await ask(request(Method::post, std::move(path), std::move(query)));
  co_return read_count(response.body, "deleted");
}

Task<Health> Client::health() {
  const http::Response response = co_await ask(request(Method::get, "_cluster/health"));
  co_return read_health(response.body);
}

std::shared_ptr<Client> open_elastic(std::string name, const ElasticPoolOptions& options) {
  return std::make_shared<Client>(std::move(name), options);
}

}  // namespace meerkat::elastic
