// SPDX-License-Identifier: Apache-2.0
// Any bytes as one stanza: the parser and expat agree on verdict and tree, but for the policies named in xml_oracle.h.
#include <cstdio>
#include <cstdlib>

#include "xml_invariants.h"

using namespace meerkat::xml;

namespace {

void insist(const std::optional<std::string>& wrong) {
  if (!wrong) return;
  std::fprintf(stderr, "%s\n", wrong->c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static Parser parser;
  const std::string_view piece{reinterpret_cast<const char*>(data), size};

  const auto index = parser.parse(piece, StreamScope::client(), oracle::wide);

  insist(oracle::disagreement(piece, index));
  if (index) insist(oracle::broken_invariant(piece, *index));
  if (parser.parse(piece, StreamScope::client(),
                   Limits{.bytes = 512, .depth = 3, .attributes = 3, .namespaces = 2, .nodes = 5}) &&
      !index)
    insist("narrow limits accept what wide ones refuse");
  if (const auto open = parser.parse_open(piece, Limits{})) (void)Parser::scope_of(*open);
  (void)Parser::check_declaration(piece);
  (void)Parser::check_close(piece, "stream:stream");
  return 0;
}
