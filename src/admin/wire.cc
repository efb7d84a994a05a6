// SPDX-License-Identifier: Apache-2.0
#include "admin/wire.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

namespace meerkat::admin {
namespace {

// In the order in which keys were put in, so that people find them where they expect them.
using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<ColumnType, std::string_view>, 7> type_names{{{ColumnType::text, "text"},
                                                                             {ColumnType::number, "number"},
                                                                             {ColumnType::yes_no, "yes_no"},
                                                                             {ColumnType::time, "time"},
                                                                             {ColumnType::duration, "duration"},
                                                                             {ColumnType::bytes, "bytes"},
                                                                             {ColumnType::texts, "texts"}}};

std::string_view name_of(ColumnType type) {
  for (const auto& [known, name] : type_names)
    if (known == type) return name;
  return "text";
}

ColumnType type_of(std::string_view name) {
  for (const auto& [type, known] : type_names)
    if (known == name) return type;
  return ColumnType::text;
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n'; }

Json json_of(const Value& value) {
  return std::visit(
      [](const auto& content) -> Json {
        if constexpr (std::is_same_v<std::decay_t<decltype(content)>, std::monostate>)
          return nullptr;
        else
          return content;
      },
      value);
}

Json json_of(const Row& row) {
  Json cells = Json::array();
  for (const Value& value : row) cells.push_back(json_of(value));
  return cells;
}

Json json_of(std::span<const Row> rows) {
  Json all = Json::array();
  for (const Row& row : rows) all.push_back(json_of(row));
  return all;
}

Json json_of(std::span<const Column> columns) {
  Json all = Json::array();
  for (const Column& column : columns) all.push_back({{"name", column.name}, {"type", name_of(column.type)}});
  return all;
}

Json json_of_refusal(const Refusal& refusal) {
  return {{"error", {{"code", refusal.code}, {"sentence", refusal.sentence}}}};
}

Refusal not_a_request(std::string sentence) { return {"invalid_request", std::move(sentence)}; }

// A text, a number or a flag; nothing for what no argument can be.
std::optional<std::string> text_of(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_number_integer() || json.is_boolean()) return json.dump();
  return std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(const Json& json) {
  std::vector<std::string> texts;
  const Json list = json.is_array() ? json : Json::array({json});
  for (const Json& each : list) {
    auto text = text_of(each);
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
  }
  return texts;
}

Value value_of(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (const auto texts = json.is_array() ? texts_of(json) : std::nullopt) return *texts;
  return {};
}

Row row_of(const Json& json) {
  Row row;
  if (json.is_array())
    for (const Json& cell : json) row.push_back(value_of(cell));
  return row;
}

std::string text_at(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string{};
}

std::vector<AnswerColumn> columns_of(const Json& json) {
  std::vector<AnswerColumn> columns;
  if (json.is_array())
    for (const Json& each : json) columns.push_back({text_at(each, "name"), type_of(text_at(each, "type"))});
  return columns;
}

}  // namespace

std::expected<Request, Refusal> read_request(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (json.is_discarded()) return std::unexpected(not_a_request("a request is one line of JSON"));
  if (!json.is_object() || !json.contains("command") || !json["command"].is_string())
    return std::unexpected(not_a_request("a request is an object with \"command\" and \"arguments\""));
  Request request{json["command"].get<std::string>(), {}};
  for (const auto& [key, value] : json.items()) {
    if (key == "command") continue;
    if (key != "arguments") return std::unexpected(not_a_request("a request has \"command\" and \"arguments\" only"));
    if (!value.is_object()) return std::unexpected(not_a_request("\"arguments\" is an object"));
    for (const auto& [name, content] : value.items()) {
      if (content.is_null() || content == false) continue;
      auto texts = texts_of(content);
      if (!texts) return std::unexpected(not_a_request("arguments are texts, numbers, booleans, or lists of these"));
      request.arguments.insert_or_assign(name, std::move(*texts));
    }
  }
  return request;
}

std::string write_request(const Request& request) {
  Json arguments = Json::object();
  for (const auto& [name, texts] : request.arguments)
    arguments[name] = texts.size() == 1 ? Json(texts.front()) : Json(texts);
  return line_of({{"command", request.command}, {"arguments", std::move(arguments)}});
}

std::string write_refusal(const Refusal& refusal) { return line_of(json_of_refusal(refusal)); }

std::string write_sentence(const Sentence& sentence) { return line_of({{"sentence", sentence.text}}); }

std::string write_record(std::span<const Column> columns, const Row& row) {
  return line_of({{"columns", json_of(columns)}, {"record", json_of(row)}});
}

std::string write_first_rows(std::span<const Column> columns, std::span<const Row> rows, bool more) {
  return line_of({{"columns", json_of(columns)}, {"rows", json_of(rows)}, {"more", more}});
}

std::string write_more_rows(std::span<const Row> rows, bool more) {
  return line_of({{"rows", json_of(rows)}, {"more", more}});
}

std::optional<AnswerPart> read_answer(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  AnswerPart part;
  if (json.contains("columns")) part.columns = columns_of(json["columns"]);
  if (json.contains("error")) {
    part.kind = AnswerPart::Kind::refusal;
    part.refusal = {text_at(json["error"], "code"), text_at(json["error"], "sentence")};
  } else if (json.contains("sentence")) {
    part.sentence = text_at(json, "sentence");
  } else if (json.contains("record")) {
    part.kind = AnswerPart::Kind::record;
    part.rows.push_back(row_of(json["record"]));
  } else if (json.contains("rows") && json["rows"].is_array()) {
    part.kind = AnswerPart::Kind::rows;
    for (const Json& row : json["rows"]) part.rows.push_back(row_of(row));
    part.more = json.contains("more") && json["more"] == true;
  } else {
    return std::nullopt;
  }
  return part;
}

std::string json_object(std::span<const AnswerColumn> columns, const Row& row) {
  Json object = Json::object();
  for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) object[columns[i].name] = json_of(row[i]);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_of(const Refusal& refusal) {
  return json_of_refusal(refusal).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_of_sentence(std::string_view sentence) {
  return Json{{"sentence", sentence}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace meerkat::admin
