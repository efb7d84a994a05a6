// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/question.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "admin/cli/client.h"

namespace meerkat::admin {
namespace {

class Collector final : public AnswerTaker {
 public:
  void take(AnswerPart part) override {
    if (part.kind == AnswerPart::Kind::refusal) refusal = std::move(part.refusal.sentence);
    if (!part.columns.empty()) answer.columns = std::move(part.columns);
    std::ranges::move(part.rows, std::back_inserter(answer.rows));
  }

  WholeAnswer answer;
  std::string refusal;
};

}  // namespace

Value WholeAnswer::at(const Row& row, std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &AnswerColumn::name);
  const auto index = static_cast<std::size_t>(found - columns.begin());
  return index < row.size() ? row[index] : Value{};
}

std::int64_t WholeAnswer::number(const Row& row, std::string_view column, std::int64_t otherwise) const {
  const Value value = at(row, column);
  const auto* const number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? *number : otherwise;
}

std::string WholeAnswer::text(const Row& row, std::string_view column) const {
  const Value value = at(row, column);
  const auto* const text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string{};
}

std::expected<WholeAnswer, std::string> ask_whole(const std::filesystem::path& socket, std::string command,
                                                  RawArguments arguments) {
  Collector collector;
  const auto answered = ask_server(socket, {std::move(command), std::move(arguments)}, collector);
  if (!answered) return std::unexpected(answered.error());
  if (!collector.refusal.empty()) return std::unexpected(collector.refusal);
  return std::move(collector.answer);
}

}  // namespace meerkat::admin
