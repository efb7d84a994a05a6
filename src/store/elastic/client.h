// SPDX-License-Identifier: Apache-2.0
// Documents in Elasticsearch (7 or later) or OpenSearch, over a pool of connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/elastic/answer.h"
#include "store/elastic/options.h"
#include "store/http/client.h"

namespace meerkat::elastic {

// Any worker may ask. Documents and queries are JSON, each on one line. All throw meerkat::Unavailable when there is no
// answer or the service cannot serve now, and Refused (answer.h) when it does not want to.
class Client {
 public:
  // Starts connecting in the background. `name` is for log lines: "elastic.default".
  Client(std::string name, const ElasticPoolOptions& options);

  // Makes the index with these settings and mappings; false when there is one already.
  Task<bool> create_index(std::string index, std::string settings);
  Task<> remove_index(std::string index);
  // Replaces the document of that id. A search finds it after the index's refresh interval, or after `refresh`.
  Task<> put(std::string index, Document document);
  Task<> put_all(std::string index, std::vector<Document> documents);
  Task<> refresh(std::string index);
  // `query` is the whole body of a search: {"query":…,"size":…,"sort":…}.
  Task<Found> search(std::string index, std::string query);
  // {"query":…}; how many were removed.
  Task<std::uint64_t> remove_matching(std::string index, std::string query);
  Task<Health> health();

  OutgoingPool& pool() { return http_.pool(); }

 private:
  Task<http::Response> ask(http::Request request);

  http::Client http_;
  std::string authorization_;
};

std::shared_ptr<Client> open_elastic(std::string name, const ElasticPoolOptions& options);

}  // namespace meerkat::elastic
