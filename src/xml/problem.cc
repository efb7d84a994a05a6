// SPDX-License-Identifier: Apache-2.0
#include "xml/problem.h"

namespace meerkat::xml {

std::string_view describe(Problem problem) {
  switch (problem) {
    case Problem::none:
      return "no problem";
    case Problem::not_well_formed:
      return "not well-formed";
    case Problem::restricted_xml:
      return "comments, processing instructions and document types are not allowed";
    case Problem::unsupported_encoding:
      return "only UTF-8 is supported";
    case Problem::invalid_namespace:
      return "undeclared prefix or bad namespace declaration";
    case Problem::bad_namespace_prefix:
      return "reserved prefix";
    case Problem::too_large:
      return "too large";
    case Problem::too_deep:
      return "nested too deeply";
    case Problem::too_many_attributes:
      return "too many attributes";
    case Problem::too_many_namespaces:
      return "too many namespace declarations";
    case Problem::too_many_nodes:
      return "too many elements";
    case Problem::text_between_stanzas:
      return "text between stanzas";
  }
  return "unknown problem";
}

}  // namespace meerkat::xml
