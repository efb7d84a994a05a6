// SPDX-License-Identifier: Apache-2.0
#include "store/elastic/answer.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "store/pool/unavailable.h"

namespace meerkat::elastic {
namespace {

using Json = nlohmann::json;

Json parse(std::string_view text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) throw Unavailable{"the answer of the search service is no JSON object"};
  return json;
}

// What `read` makes of the answer; it may lack anything.
template <class Read>
auto read_answer(std::string_view text, Read read) {
  const Json json = parse(text);
  try {
    return read(json);
  } catch (const Json::exception& strange) {
    throw Unavailable{std::string{"the answer of the search service is strange: "} + strange.what()};
  }
}

std::string words_of_error(const Json& error) {
  if (error.is_string()) return error.get<std::string>();
  if (!error.is_object()) return error.dump();
  return error.value("type", "error") + ": " + error.value("reason", "no reason given");
}

}  // namespace

Found read_found(std::string_view text) {
  return read_answer(text, [](const Json& json) {
    const Json& hits = json.at("hits");
    Found found;
    if (hits.contains("total")) {
      const Json& total = hits.at("total");  // a number before Elasticsearch 7
      found.total = (total.is_object() ? total.at("value") : total).get<std::uint64_t>();
    }
    for (const Json& hit : hits.at("hits"))
      found.hits.push_back({hit.at("_id").get<std::string>(), hit.at("_source").dump()});
    return found;
  });
}

std::uint64_t read_count(std::string_view text, const std::string& field) {
  return read_answer(text, [&field](const Json& json) { return json.at(field).get<std::uint64_t>(); });
}

Health read_health(std::string_view text) {
  return read_answer(text, [](const Json& json) {
    return Health{json.at("cluster_name").get<std::string>(), json.at("status").get<std::string>(),
                  json.at("number_of_nodes").get<std::uint64_t>()};
  });
}

void check_bulk(std::string_view text) {
  read_answer(text, [](const Json& json) {
    if (!json.at("errors").get<bool>()) return;
    for (const Json& item : json.at("items"))
      for (const Json& outcome : item)
        if (outcome.contains("error")) throw Refused{outcome.value("status", 400), words_of_error(outcome["error"])};
  });
}

std::string reason_of(int status, std::string_view text) {
  std::string fallback = "the search service answers " + std::to_string(status);
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("error")) return fallback;
  try {
    return words_of_error(json["error"]);
  } catch (const Json::exception&) {
    return fallback;
  }
}

std::string bulk_line(std::string_view id) { return "{\"index\":{\"_id\":" + json_string(id) + "}}\n"; }

}  // namespace meerkat::elastic
