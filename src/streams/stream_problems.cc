// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_problems.h"

#include <string>

namespace meerkat {

StreamError stream_error_of(xml::Problem problem) {
  const std::string text{xml::describe(problem)};
  switch (problem) {
    case xml::Problem::restricted_xml:
      return StreamError::restricted_xml(text);
    case xml::Problem::unsupported_encoding:
      return StreamError::unsupported_encoding(text);
    case xml::Problem::invalid_namespace:
      return StreamError::not_well_formed(text);
    case xml::Problem::bad_namespace_prefix:
      return StreamError::bad_namespace_prefix(text);
    case xml::Problem::text_between_stanzas:
      return StreamError::bad_format(text);
    case xml::Problem::too_large:
    case xml::Problem::too_deep:
    case xml::Problem::too_many_attributes:
    case xml::Problem::too_many_namespaces:
    case xml::Problem::too_many_nodes:
      return StreamError::policy_violation(text);
    case xml::Problem::none:
    case xml::Problem::not_well_formed:
      break;
  }
  return StreamError::not_well_formed(text);
}

void refuse_second_header(std::string_view incomplete) {
  constexpr std::string_view header = "<stream:stream";
  if (!incomplete.starts_with(header) || incomplete.size() == header.size()) return;
  const char after = incomplete[header.size()];
  if (after == ' ' || after == '>' || after == '\t' || after == '\n' || after == '\r')
    throw StreamError::unsupported_stanza_type("a stream has one header");
}

}  // namespace meerkat
