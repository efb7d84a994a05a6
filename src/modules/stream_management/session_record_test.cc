// SPDX-License-Identifier: Apache-2.0
#include "modules/stream_management/session_record.h"

#include <doctest/doctest.h>

namespace meerkat {
namespace {

SessionRecord full_record() {
  SessionRecord record{.handled = 4'294'967'295,
                       .sent = 7,
                       .acknowledged = 4'294'967'290,
                       .remaining = std::chrono::seconds{599},
                       .resume_within = std::chrono::seconds{600},
                       .opened_at = 1'800'000'000,
                       .presence_at = 1'800'000'001,
                       .presence =
                           "<presence xmlns='jabber:client' from='a@b/c'><status>&lt;away&gt; &amp; "
                           "back</status><x:c xmlns:x='urn:x'/></presence>",
                       .priority = -128,
                       .wants_roster = true,
                       .directed = {*Jid::parse("room@muc.example.org/the nick"), *Jid::parse("d@example.org")},
                       .facts = {}};
  record.facts.add("carbons.enabled", {});
  record.facts.add("privacy.active_list", "<b>'\"&\n two");
  return record;
}

}  // namespace

TEST_CASE("a record is read as it was written") {
  const SessionRecord record = full_record();

  const auto read = read_session_record(text_of(record));

  REQUIRE(read);
  CHECK(read->handled == record.handled);
  CHECK(read->sent == record.sent);
  CHECK(read->acknowledged == record.acknowledged);
  CHECK(read->remaining == record.remaining);
  CHECK(read->resume_within == record.resume_within);
  CHECK(read->opened_at == record.opened_at);
  CHECK(read->presence_at == record.presence_at);
  CHECK(read->presence == record.presence);
  CHECK(read->priority == record.priority);
  CHECK(read->wants_roster);
  CHECK(read->directed == record.directed);
  CHECK(read->facts == record.facts);
}

TEST_CASE("a session that says nothing of itself has a short record") {
  const auto read = read_session_record(text_of({}));
  REQUIRE(read);
  CHECK(read->presence.empty());
  CHECK(read->directed.empty());
  CHECK(read->facts.all().empty());
  CHECK_FALSE(read->wants_roster);
}

TEST_CASE("what is no record is not taken for one") {
  const std::string whole = text_of(full_record());
  CHECK_FALSE(read_session_record(""));
  CHECK_FALSE(read_session_record("<session/>"));
  CHECK_FALSE(read_session_record("<iq/>"));
  CHECK_FALSE(read_session_record(whole.substr(0, whole.size() / 2)));
  const auto with = [&whole](std::string_view before, std::string_view after) {
    std::string text = whole;
    const std::size_t at = text.find(before);
    REQUIRE(at != text.npos);
    return read_session_record(text.replace(at, before.size(), after));
  };
  CHECK_FALSE(with("handled='4294967295'", "handled='4294967296'"));
  CHECK_FALSE(with("priority='-128'", "priority='-129'"));
  CHECK_FALSE(with("remaining='599'", "remaining='-1'"));
  CHECK_FALSE(with("remaining='599'", "remaining='a while'"));
  CHECK_FALSE(with("<directed>d@example.org", "<directed>@"));
  CHECK_FALSE(with(" presence-at='1800000001'", ""));
  CHECK_FALSE(with("<directed>", "<unknown/><directed>"));
}

}  // namespace meerkat
