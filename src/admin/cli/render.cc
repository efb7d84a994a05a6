// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/render.h"

#include <algorithm>
#include <array>
#include <ostream>

#include <fmt/format.h>

#include "base/text.h"

namespace meerkat::admin {
namespace {

constexpr std::size_t rows_for_widths = 1000;

struct Range {
  char32_t first, last;
};

// Unicode 15: East Asian Wide and Fullwidth, and emoji that are shown wide. UAX #11.
constexpr std::array wide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},   Range{0x23E9, 0x23EC},
    Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},   Range{0x2648, 0x2653},   Range{0x26AA, 0x26AB},
    Range{0x26BD, 0x26BE},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},   Range{0x2728, 0x2728},
    Range{0x274C, 0x274C},   Range{0x2753, 0x2755},   Range{0x2795, 0x2797},   Range{0x2B1B, 0x2B1C},
    Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},
    Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x18CD5},
    Range{0x1AFF0, 0x1B2FB}, Range{0x1F004, 0x1F004}, Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FC},
    Range{0x1F90C, 0x1F9FF}, Range{0x1FA70, 0x1FAFF}, Range{0x20000, 0x3FFFD}};
// Marks that stand on the character before them, and joiners.
constexpr std::array combining{Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD},
                               Range{0x0610, 0x061A}, Range{0x064B, 0x065F}, Range{0x0E31, 0x0E31},
                               Range{0x0E34, 0x0E3A}, Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF},
                               Range{0x1DC0, 0x1DFF}, Range{0x20D0, 0x20FF}, Range{0x3099, 0x309A},
                               Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF}};
// What would steer a terminal or turn text around: controls, invisible and bidirectional formatting.
constexpr std::array hidden{Range{0x0000, 0x001F},   Range{0x007F, 0x009F}, Range{0x00AD, 0x00AD},
                            Range{0x061C, 0x061C},   Range{0x200B, 0x200F}, Range{0x2028, 0x202E},
                            Range{0x2060, 0x206F},   Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB},
                            Range{0xE0000, 0xE007F}, Range{0xD800, 0xDFFF}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t character) {
  return std::ranges::any_of(
      ranges, [character](const Range& range) { return character >= range.first && character <= range.last; });
}

std::string duration(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  if (seconds < 86400) return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
  return fmt::format("{} d {} h", seconds / 86400, seconds % 86400 / 3600);
}

std::string size(std::int64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  if (bytes < 1'000'000'000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

std::string padding(std::size_t width, std::size_t taken) {
  return std::string(width > taken ? width - taken : 0, ' ');
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.size == 0)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    else if (is_in(hidden, next.value))
      result += next.value < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(next.value))
                                   : fmt::format("\\u{:04x}", static_cast<unsigned>(next.value));
    else
      result += text.substr(0, next.size);
    text.remove_prefix(std::max<std::size_t>(next.size, 1));
  }
  return result;
}

std::string printable_lines(std::string_view text) {
  std::string result;
  for (;;) {
    const auto end = text.find('\n');
    result += printable(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    result += '\n';
    text.remove_prefix(end + 1);
  }
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    text.remove_prefix(std::max<std::size_t>(next.size, 1));
    if (is_in(combining, next.value)) continue;
    width += is_in(wide, next.value) ? 2 : 1;
  }
  return width;
}

std::string shown(const Value& value, ColumnType type) {
  if (const auto* const yes = std::get_if<bool>(&value)) return *yes ? "yes" : "no";
  if (const auto* const number = std::get_if<std::int64_t>(&value)) {
    if (type == ColumnType::duration) return duration(*number);
    return type == ColumnType::bytes ? size(*number) : std::to_string(*number);
  }
  if (const auto* const text = std::get_if<std::string>(&value)) return printable(*text);
  std::string list;
  if (const auto* const texts = std::get_if<std::vector<std::string>>(&value))
    for (const std::string& text : *texts) list += (list.empty() ? "" : ", ") + printable(text);
  return list.empty() ? "-" : list;
}

void print_record(std::ostream& out, std::span<const AnswerColumn> columns, const Row& row) {
  std::size_t widest = 0;
  for (const AnswerColumn& column : columns) widest = std::max(widest, width_of(printable(column.name)));
  for (std::size_t i = 0; i < columns.size() && i < row.size(); ++i) {
    const std::string name = printable(columns[i].name);
    out << name << padding(widest + 2, width_of(name)) << shown(row[i], columns[i].type) << '\n';
  }
}

TablePrinter::TablePrinter(std::ostream& out, std::vector<AnswerColumn> columns)
    : out_(out), columns_(std::move(columns)) {
  std::vector<std::string>& heads = kept_.emplace_back();
  heads.reserve(columns_.size());
  for (const AnswerColumn& column : columns_) heads.push_back(printable(column.name));
}

void TablePrinter::add(std::span<const Row> rows) {
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    cells.reserve(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i)
      cells.push_back(i < row.size() ? shown(row[i], columns_[i].type) : "-");
    if (widths_.empty())
      kept_.push_back(std::move(cells));
    else
      print(cells);
  }
  if (widths_.empty() && kept_.size() > rows_for_widths) print_kept();
}

void TablePrinter::end() {
  if (widths_.empty()) print_kept();
}

void TablePrinter::print_kept() {
  widths_.assign(columns_.size(), 0);
  for (const auto& cells : kept_)
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], width_of(cells[i]));
  for (const auto& cells : kept_) print(cells);
  kept_.clear();
}

bool TablePrinter::is_number(std::size_t column) const {
  const ColumnType type = columns_[column].type;
  return type == ColumnType::number || type == ColumnType::bytes;
}

void TablePrinter::print(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string space = padding(widths_[i], width_of(cells[i]));
    if (i > 0) line += "  ";
    line += is_number(i) ? space + cells[i] : cells[i] + space;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ << line << '\n';
}

}  // namespace meerkat::admin
