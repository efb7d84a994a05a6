// SPDX-License-Identifier: Apache-2.0
// What Elasticsearch and OpenSearch answer, out of their JSON.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat::elastic {

struct Document {
  std::string id;
  std::string json;
};

struct Found {
  std::uint64_t total = 0;  // of all that match, as far as the service counts (track_total_hits)
  std::vector<Document> hits;
};

struct Health {
  std::string cluster;
  std::string status;  // green, yellow or red
  std::uint64_t nodes = 0;
};

// The service does not do what it was asked; asking again would not help.
class Refused : public std::runtime_error {
 public:
  Refused(int status, const std::string& words) : std::runtime_error(words), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// Each throws meerkat::Unavailable when the text is not what such an answer looks like.
Found read_found(std::string_view text);
std::uint64_t read_count(std::string_view text, const std::string& field);
Health read_health(std::string_view text);
// Throws Refused with the first reason when something of the bulk was refused.
void check_bulk(std::string_view text);
// The reason that an error has, in words; never throws.
std::string reason_of(int status, std::string_view text);

// One line of a bulk, with its end: "index what comes next under this id".
std::string bulk_line(std::string_view id);

}  // namespace meerkat::elastic
