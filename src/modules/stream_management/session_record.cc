// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/session_record.h"

#include <charconv>
#include <concepts>

#include "xml/builder.h"
#include "xml/document.h"

namespace meerkat {
namespace {

// False when it is not there, or no number of that kind.
template <std::integral Number>
bool read(const xml::Element& element, std::string_view name, Number& number) {
  const auto text = element.attr(name);
  if (!text) return false;
  const std::string digits = text->str();
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc{} && rest == end;
}

bool read(const xml::Element& element, std::string_view name, std::chrono::seconds& time) {
  std::uint32_t seconds = 0;
  if (!read(element, name, seconds)) return false;
  time = std::chrono::seconds{seconds};
  return true;
}

bool read_child(const xml::Element& child, SessionRecord& record) {
  if (child.is("presence", ns::client)) {
    record.presence = child.raw();
    return true;
  }
  if (child.name() == "directed") {
    auto to = Jid::parse(child.text());
    if (to) record.directed.push_back(std::move(*to));
    return to.has_value();
  }
  const auto name = child.attr("name");
  if (child.name() != "fact" || !name) return false;
  record.facts.add(name->str(), child.text());
  return true;
}

}  // namespace

std::string text_of(const SessionRecord& record) {
  xml::Builder session("session");
  session.attr("handled", record.handled)
      .attr("sent", record.sent)
      .attr("acknowledged", record.acknowledged)
      .attr("remaining", record.remaining.count())
      .attr("resume-within", record.resume_within.count())
      .attr("opened-at", record.opened_at)
      .attr("priority", int{record.priority})
      .attr("wants-roster", int{record.wants_roster});
  if (!record.presence.empty()) session.attr("presence-at", record.presence_at).raw(record.presence);
  for (const Jid& to : record.directed) session.child(xml::Builder("directed").text(to.text()));
  for (const auto& [name, value] : record.facts.all())
    session.child(xml::Builder("fact").attr("name", name).text(value));
  return session.str();
}

std::optional<SessionRecord> read_session_record(std::string text) {
  const xml::Document document{std::move(text)};
  if (!document || document.root().name() != "session") return std::nullopt;
  const xml::Element root = document.root();
  SessionRecord record;
  int wants_roster = 0;
  const bool complete = read(root, "handled", record.handled) && read(root, "sent", record.sent) &&
                        read(root, "acknowledged", record.acknowledged) && read(root, "remaining", record.remaining) &&
                        read(root, "resume-within", record.resume_within) &&
                        read(root, "opened-at", record.opened_at) && read(root, "priority", record.priority) &&
                        read(root, "wants-roster", wants_roster);
  if (!complete) return std::nullopt;
  record.wants_roster = wants_roster != 0;
  for (const xml::Element child : root.children())
    if (!read_child(child, record)) return std::nullopt;
  if (!record.presence.empty() && !read(root, "presence-at", record.presence_at)) return std::nullopt;
  return record;
}

}  // namespace meerkat
