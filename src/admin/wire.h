// SPDX-License-Identifier: Apache-2.0
// What is said over the socket: one line of JSON for a request, one or more for its answer.
//
//   {"command":"session list","arguments":{"domain":"example.org","limit":2}}
//   {"columns":[{"name":"address","type":"text"},…],"rows":[["alice@example.org/phone",…],…],"more":true}
//   {"rows":[…],"more":false}
//
// Other answers are {"sentence":"…"}, {"columns":[…],"record":[…]} and {"error":{"code":"…","sentence":"…"}}.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/arguments.h"
#include "admin/command.h"

namespace meerkat::admin {

// Longer requests are refused.
inline constexpr std::size_t longest_request = 64 * 1024;

struct Request {
  std::string command;
  RawArguments arguments;
};

// Any thread. Numbers and booleans become texts; false means "not given".
std::expected<Request, Refusal> read_request(std::string_view line);
std::string write_request(const Request& request);

// Each ends with a newline.
std::string write_refusal(const Refusal& refusal);
std::string write_sentence(const Sentence& sentence);
std::string write_record(std::span<const Column> columns, const Row& row);
std::string write_first_rows(std::span<const Column> columns, std::span<const Row> rows, bool more);
std::string write_more_rows(std::span<const Row> rows, bool more);

// One line of an answer, as the client reads it.
struct AnswerColumn {
  std::string name;
  ColumnType type = ColumnType::text;
};
struct AnswerPart {
  enum class Kind : std::uint8_t { refusal, sentence, record, rows };
  Kind kind = Kind::sentence;
  Refusal refusal;
  std::string sentence;
  std::vector<AnswerColumn> columns;  // with a record, and with the first rows
  std::vector<Row> rows;
  bool more = false;
};
// Nothing when the line is none of these.
std::optional<AnswerPart> read_answer(std::string_view line);

// {"user":"alice@example.org",…} for programs, without a newline.
std::string json_object(std::span<const AnswerColumn> columns, const Row& row);
std::string json_of(const Refusal& refusal);
std::string json_of_sentence(std::string_view sentence);

}  // namespace meerkat::admin
