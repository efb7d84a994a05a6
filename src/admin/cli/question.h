// SPDX-License-Identifier: Apache-2.0
// A question to a running server whose answer is wanted whole.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "admin/arguments.h"
#include "admin/wire.h"

namespace meerkat::admin {

// The rows of a table, or the one of a record.
struct WholeAnswer {
  std::vector<AnswerColumn> columns;
  std::vector<Row> rows;

  // Nothing when there is no such column or no value.
  Value at(const Row& row, std::string_view column) const;
  std::int64_t number(const Row& row, std::string_view column, std::int64_t otherwise = 0) const;
  std::string text(const Row& row, std::string_view column) const;
};

// The error is a sentence of the server, or says why it cannot be reached. Blocks.
std::expected<WholeAnswer, std::string> ask_whole(const std::filesystem::path& socket, std::string command,
                                                  RawArguments arguments = {});

}  // namespace meerkat::admin
