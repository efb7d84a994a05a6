// SPDX-License-Identifier: Apache-2.0
#include "xmpp/stream_error.h"

#include <algorithm>
#include <array>

#include "xml/namespaces.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

// In the order of StreamCondition.
constexpr std::array<std::string_view, 25> names{"bad-format",
                                                 "bad-namespace-prefix",
                                                 "conflict",
                                                 "connection-timeout",
                                                 "host-gone",
                                                 "host-unknown",
                                                 "improper-addressing",
                                                 "internal-server-error",
                                                 "invalid-from",
                                                 "invalid-namespace",
                                                 "invalid-xml",
                                                 "not-authorized",
                                                 "not-well-formed",
                                                 "policy-violation",
                                                 "remote-connection-failed",
                                                 "reset",
                                                 "resource-constraint",
                                                 "restricted-xml",
                                                 "see-other-host",
                                                 "system-shutdown",
                                                 "undefined-condition",
                                                 "unsupported-encoding",
                                                 "unsupported-feature",
                                                 "unsupported-stanza-type",
                                                 "unsupported-version"};
static_assert(names.size() == static_cast<std::size_t>(StreamCondition::unsupported_version) + 1);

void append_xmlns(std::string& out, const Namespace& space) { ((out += " xmlns='") += space.uri) += '\''; }

void append_children(std::string& out, const StreamError& error) {
  const std::string_view name = error.condition_name();
  (out += '<') += name;
  append_xmlns(out, ns::stream_errors);
  if (error.other_host.empty()) {
    out += "/>";
  } else {
    out += '>';
    xml::escape_text(out, error.other_host);
    ((out += "</") += name) += '>';
  }
  if (!error.text.empty()) {
    out += "<text";
    append_xmlns(out, ns::stream_errors);
    out += " xml:lang='en'>";
    xml::escape_text(out, error.text);
    out += "</text>";
  }
  out += error.application;
}

}  // namespace

std::string_view condition_name(StreamCondition condition) { return names[static_cast<std::size_t>(condition)]; }

std::optional<StreamCondition> stream_condition(std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<StreamCondition>(found - names.begin());
}

StreamError StreamError::of(StreamCondition condition, std::string text) {
  return {.condition = condition, .text = std::move(text)};
}

StreamError StreamError::see_other_host(std::string host, std::string text) {
  StreamError error = of(StreamCondition::see_other_host, std::move(text));
  error.other_host = std::move(host);
  return error;
}

StreamError StreamError::undefined_condition(std::string application, std::string text) {
  return of(StreamCondition::undefined_condition, std::move(text)).with(std::move(application));
}

void StreamError::append_to(std::string& out) const {
  out += "<stream:error>";
  append_children(out, *this);
  out += "</stream:error>";
}

void StreamError::append_as_document_to(std::string& out) const {
  out += "<error";
  append_xmlns(out, ns::streams);
  out += '>';
  append_children(out, *this);
  out += "</error>";
}

}  // namespace meerkat
