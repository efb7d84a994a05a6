// SPDX-License-Identifier: Apache-2.0
// Any bytes as a stream: however it is cut into portions, the splitter finds the same pieces, and whatever the parser
// accepts of them lies where expat sees a stanza (a difference would be a way to smuggle).
#include <cstdio>
#include <cstdlib>

#include "xml_invariants.h"

using namespace meerkat::xml;

namespace {

void insist(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void same_however_fed(std::string_view stream, const Limits& limits, unsigned seed) {
  const auto cuts = oracle::cut_up(stream, limits);
  insist(cuts == oracle::cut_up(stream, limits, [] { return std::size_t{1}; }), "byte by byte differs");
  const auto portion = [&seed] {
    seed = seed * 1664525u + 1013904223u;
    return std::size_t{1} + (seed >> 24) % ((seed >> 16 & 1) != 0 ? 7 : 100);
  };
  insist(cuts == oracle::cut_up(stream, limits, portion), "another portioning differs");
}

// Our stanzas, up to the first the parser refuses, are the first ones that expat sees.
void same_stanzas(std::string_view rest) {
  static Parser parser;
  std::string stream{oracle::header};
  stream += rest;
  const auto seen = oracle::ask_expat(rest, false);
  std::size_t number = 0;
  for (const auto& cut : oracle::cut_up(stream, oracle::wide)) {
    if (cut.found != Splitter::Found::element) continue;
    const auto index = parser.parse(std::string_view{stream}.substr(cut.begin, cut.end - cut.begin),
                                    StreamScope::client(), oracle::wide);
    if (!index) return;
    insist(number < seen.children.size(), "expat does not see our stanza");
    const auto& child = seen.children[number++];
    insist(child.begin + oracle::header.size() == cut.begin && child.end + oracle::header.size() == cut.end,
           "expat sees the stanza elsewhere");
    insist(child.tree == oracle::tree_of(*index), "expat sees another stanza");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned seed = data[0] * 256u + data[1];
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  same_however_fed(bytes, oracle::wide, seed);
  std::string stream{oracle::header};
  stream += bytes;
  same_however_fed(stream, oracle::wide, seed);
  same_however_fed(stream, Limits{.bytes = 120, .depth = 2}, seed);
  same_stanzas(bytes);
  return 0;
}
