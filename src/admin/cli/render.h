// SPDX-License-Identifier: Apache-2.0
// Answers as people read them: aligned columns, and nothing that could steer a terminal.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/wire.h"

namespace meerkat::admin {

// With everything that is not to be printed as \x1b or \u202e: control characters, what changes the direction of
// text, bytes that are not UTF-8. One line.
std::string printable(std::string_view text);
// The same for each line of a text.
std::string printable_lines(std::string_view text);
// How many columns of a terminal a printable text takes: wide characters take two, combining ones none.
std::size_t width_of(std::string_view text);
// A value for people: "2 d 3 h", "12.5 MB", "yes"; "-" for what is not there.
std::string shown(const Value& value, ColumnType type);

// "name  value", one line each.
void print_record(std::ostream& out, std::span<const AnswerColumn> columns, const Row& row);

// Rows as they come; the first thousand say how wide the columns are.
class TablePrinter {
 public:
  TablePrinter(std::ostream& out, std::vector<AnswerColumn> columns);
  void add(std::span<const Row> rows);
  void end();

 private:
  void print_kept();
  void print(const std::vector<std::string>& cells);
  bool is_number(std::size_t column) const;

  std::ostream& out_;
  const std::vector<AnswerColumn> columns_;
  std::vector<std::vector<std::string>> kept_;
  std::vector<std::size_t> widths_;  // empty until they are settled
};

}  // namespace meerkat::admin
