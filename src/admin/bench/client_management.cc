// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/client_management.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "xml/namespaces.h"
#include "xml/writer.h"

namespace meerkat::bench {
namespace {

std::optional<std::uint32_t> count_in(const xml::Element& element) {
  const auto h = element.attr("h");
  if (!h) return std::nullopt;
  const std::string_view digits = h->raw();
  std::uint32_t count = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return count;
}

void append_number(std::string& out, std::uint32_t number) {
  char digits[12];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool is_stanza(const xml::Element& element) {
  return element.is("message", ns::client) || element.is("presence", ns::client) || element.is("iq", ns::client);
}

}  // namespace

std::string ClientManagement::enabled(const xml::Element& answer) {
  const auto id = answer.attr("id");
  if (!id || id->raw().empty()) return "the server gave the session no id to resume it by";
  id_.clear();
  xml::escape_attribute(id_, id->str());
  counts_ = true;
  return {};
}

void ClientManagement::sent(std::string& out) {
  ++sent_;
  if (ask_every_ > 0 && ++since_asking_ >= ask_every_) ask(out);
}

void ClientManagement::ask(std::string& out) {
  since_asking_ = 0;
  out += "<r xmlns='urn:xmpp:sm:3'/>";
}

std::expected<bool, std::string> ClientManagement::takes(const xml::Element& element, std::string& out) {
  if (is_stanza(element)) {
    ++handled_;
    return false;
  }
  if (element.is("r", ns::sm)) {
    ++asked_;
    out += "<a xmlns='urn:xmpp:sm:3' h='";
    append_number(out, handled_);
    out += "'/>";
    return true;
  }
  if (!element.is("a", ns::sm)) return false;
  if (std::string problem = acknowledged(element); !problem.empty()) return std::unexpected{std::move(problem)};
  return true;
}

std::string ClientManagement::acknowledged(const xml::Element& told) {
  const auto count = count_in(told);
  if (!count) return "the server acknowledges without a number";
  if (*count - acknowledged_ > sent_ - acknowledged_)
    return fmt::format("the server acknowledges {} stanzas, and was sent {}", *count, sent_);
  acknowledged_ = *count;
  return {};
}

void ClientManagement::ask_to_resume(std::string& out) const {
  out += "<resume xmlns='urn:xmpp:sm:3' h='";
  append_number(out, handled_);
  ((out += "' previd='") += id_) += "'/>";
}

std::string ClientManagement::resumed(const xml::Element& answer) {
  std::string id;
  if (const auto told = answer.attr("previd")) xml::escape_attribute(id, told->str());
  if (id != id_) return "the server resumed another session";
  if (std::string problem = acknowledged(answer); !problem.empty()) return problem;
  if (unacknowledged() == 0) return {};
  return fmt::format("the server has handled {} of the {} stanzas it was sent", acknowledged_, sent_);
}

}  // namespace meerkat::bench
