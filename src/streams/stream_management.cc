// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_management.h"

#include <charconv>

#include <fmt/format.h>

#include "xml/builder.h"

namespace meerkat {

std::optional<std::uint32_t> handled_count(const xml::Element& element) {
  const auto attribute = element.attr("h");
  if (!attribute) return std::nullopt;
  std::string storage;
  const std::string_view text = attribute->view(storage);
  std::uint32_t count = 0;
  const auto [rest, error] = std::from_chars(text.begin(), text.end(), count);
  if (error != std::errc{} || rest != text.end()) return std::nullopt;
  return count;
}

std::optional<bool> wants_to_resume(const xml::Element& enable) {
  const auto attribute = enable.attr("resume");
  if (!attribute || *attribute == "false" || *attribute == "0") return false;
  if (*attribute == "true" || *attribute == "1") return true;
  return std::nullopt;
}

void append_acknowledgement(std::string& out, std::uint32_t handled) {
  fmt::format_to(std::back_inserter(out), "<a xmlns='urn:xmpp:sm:3' h='{}'/>", handled);
}

std::string management_failed(const StanzaError& why, std::optional<std::uint32_t> handled) {
  xml::Builder failed{"failed", ns::sm};
  if (handled) failed.attr("h", std::to_string(*handled));
  return failed.child(xml::Builder(why.condition_name(), ns::stanza_errors)).str();
}

StreamError handled_count_too_high(std::uint32_t handled, std::uint32_t sent) {
  return StreamError::undefined_condition(xml::Builder("handled-count-too-high", ns::sm)
                                              .attr("h", std::to_string(handled))
                                              .attr("send-count", std::to_string(sent))
                                              .str(),
                                          "You acknowledged more stanzas than you were sent");
}

}  // namespace meerkat
