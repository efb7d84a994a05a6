// SPDX-License-Identifier: Apache-2.0
// What must hold of every piece the parser accepts; shared by the unit tests and the fuzz targets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xml/splitter.h"
#include "xml/writer.h"
#include "xml_oracle.h"

namespace meerkat::xml::oracle {

// A piece the splitter cut, or the problem it ended with; white space is left out.
struct Cut {
  Splitter::Found found;
  std::size_t begin, end;
  Problem problem = Problem::none;
  friend bool operator==(const Cut&, const Cut&) = default;
};

// Feeds `bytes` in portions; `portion()` gives the size of the next one.
template <class Portion>
std::vector<Cut> cut_up(std::string_view bytes, const Limits& limits, Portion portion) {
  std::vector<Cut> cuts;
  Splitter splitter;
  std::size_t begin = 0, at = 0;
  while (at < bytes.size()) {
    const std::size_t size = std::min<std::size_t>(portion(), bytes.size() - at);
    const std::unique_ptr<char[]> alone{new char[size]};  // so that sanitizers see every read outside of it
    bytes.copy(alone.get(), size, at);
    std::size_t done = 0;
    while (done < size) {
      const auto piece = splitter.next({alone.get() + done, size - done}, limits);
      if (piece.found == Splitter::Found::problem) {
        cuts.push_back({piece.found, begin, begin, piece.problem});
        return cuts;
      }
      done += piece.consumed;
      if (piece.found == Splitter::Found::more) break;
      if (piece.found != Splitter::Found::space) cuts.push_back({piece.found, begin, at + done});
      begin = at + done;
    }
    at += size;
  }
  return cuts;
}

inline std::vector<Cut> cut_up(std::string_view bytes, const Limits& limits) {
  return cut_up(bytes, limits, [&] { return bytes.size(); });
}

// A copy of the index says the same; writing it out and reading it back says the same; the splitter cuts where the
// parser ended. What is wrong, or nothing.
inline std::optional<std::string> broken_invariant(std::string_view piece, const Index& index) {
  const std::string tree = tree_of(index);
  const std::unique_ptr<std::max_align_t[]> block{
      new std::max_align_t[index.bytes_needed() / sizeof(std::max_align_t) + 1]};
  const Index copy = index.copy_to(block.get());
  if (tree_of(copy) != tree) return "the copy differs";

  std::string stream{header};
  stream += piece;
  const auto cuts = cut_up(stream, wide);
  const Cut expected{Splitter::Found::element, header.size(), stream.size()};
  if (cuts.size() != 2 || cuts[1] != expected) return "the splitter cuts elsewhere";

  std::string alone;
  reserialize(alone, Element{index}, "");
  Parser again;
  const auto back = again.parse(alone, StreamScope::none(), wide);
  if (!back) return "refused when written out: " + alone;
  if (tree_of(*back) != tree) return "means something else when written out: " + alone;
  return std::nullopt;
}

}  // namespace meerkat::xml::oracle
