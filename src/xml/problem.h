// SPDX-License-Identifier: Apache-2.0
// Why bytes were refused as XML of a stream; the streams turn these into RFC 6120 §4.9.3 stream errors.
#pragma once

#include <cstdint>
#include <string_view>

namespace meerkat::xml {

enum class Problem : std::uint8_t {
  none,
  not_well_formed,
  restricted_xml,        // comment, processing instruction, DTD: RFC 6120 §11.1
  unsupported_encoding,  // the declaration names something other than UTF-8
  invalid_namespace,     // undeclared prefix, or a declaration nobody should make
  bad_namespace_prefix,  // `xml` or `xmlns` used for something else
  too_large,
  too_deep,
  too_many_attributes,
  too_many_namespaces,
  too_many_nodes,
  text_between_stanzas,
};

// A few words for a log line or the text of a stream error. Any worker.
std::string_view describe(Problem problem);

}  // namespace meerkat::xml
