// SPDX-License-Identifier: Apache-2.0
// A restart is not an end.
#include "server/test_pair.h"

namespace meerkat {
using namespace std::chrono_literals;

TEST_CASE("a session that waits for its client is there again after a restart, with all that it missed in order") {
  Pair pair;
  pair.bob->says("<presence><show>away</show><priority>7</priority></presence>");
  Session& before = *pair.bob->session;
  before.wants_roster = true;
  before.management->handles_one();
  pair.alice->says(chat("m1"));
  pair.bob->says("<presence to='carol@localhost/phone'/>");
  pair.bob_misses({"m2", "m3"});
  const std::uint32_t sent = before.management->sent_count();
  const std::uint32_t opened_at = before.opened_at;
  const std::uint32_t presence_at = before.presence_at;
  const Texts queue = pair.queue_of("bob@localhost/phone");
  pair.server().passes(100s);

  pair.restarts(300s);

  const Session* const after = pair.session("bob@localhost/phone");
  REQUIRE(after != nullptr);
  CHECK_FALSE(after->connected());
  CHECK(after->management->id() == "id-of-bob@localhost/phone");
  CHECK(after->management->handled() == 1);
  CHECK(after->management->sent_count() == sent);
  CHECK(after->management->resume_within() == 600s);
  CHECK(after->management->detached->remaining() == 500s);
  CHECK(pair.queue_of("bob@localhost/phone") == queue);
  CHECK(after->available());
  CHECK(after->priority == 7);
  CHECK(after->presence->element().child("show", ns::client)->text() == "away");
  CHECK(after->wants_roster);
  CHECK(after->opened_at == opened_at);
  CHECK(after->presence_at == presence_at);
  REQUIRE(after->directed);
  CHECK(after->directed->to == std::vector<Jid>{*Jid::parse("carol@localhost/phone")});
  CHECK(pair.kept_offline() == 0);
}

TEST_CASE("what the client acknowledges after a restart counts on from before it") {
  Pair pair;
  pair.alice->says(chat("m1"));
  pair.alice->says(chat("m2"));
  const std::uint32_t sent = pair.bob->session->management->sent_count();
  REQUIRE(pair.bob->session->management->acknowledged(sent - 1));
  pair.bob_misses({"m3"});

  pair.restarts();

  StreamManagement& management = *pair.session("bob@localhost/phone")->management;
  CHECK_FALSE(management.acknowledged(sent - 2));
  CHECK_FALSE(management.acknowledged(sent + 2));
  CHECK(management.acknowledged(sent));
  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m3"});
}

TEST_CASE("what comes for a session after a restart stands behind what it missed before") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts();

  pair.server().online("alice").says(chat("m2", "bob@localhost"));

  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1", "m2"});
}

TEST_CASE("a message that two devices hold is one after a restart: who acknowledges it, acknowledges it for both") {
  Pair pair;
  TestClient& desk = pair.online("bob", "desk");
  desk.says(carbons_on);
  desk.loses_connection();
  pair.bob_misses({"m1"});
  const EntryId id = pair.session("bob@localhost/phone")->management->unacknowledged().back().entry->id;

  pair.restarts();

  Session* const phone = pair.session("bob@localhost/phone");
  const SentEntry copy = pair.session("bob@localhost/desk")->management->unacknowledged().back();
  CHECK(copy.form == Form::received_copy);
  CHECK(copy.entry->id == id);
  CHECK(phone->management->acknowledged(phone->management->sent_count()));
  CHECK(copy.entry->taken);
}

TEST_CASE("nothing is doubled of what the offline store kept: the record has it, and the row goes") {
  Pair pair;
  pair.bob->disconnects();
  for (const std::string_view body : {"m1", "m2"}) pair.alice->says(chat(body));
  CHECK(pair.kept_offline() == 2);
  pair.bob = &pair.login("bob");
  pair.bob->says("<presence/>");
  pair.bob->loses_connection();

  pair.restarts();

  CHECK(pair.kept_offline() == 0);
  Texts queue = pair.queue_of("bob@localhost/phone");
  std::erase(queue, "presence");
  CHECK(queue == Texts{"m1", "m2"});
}

TEST_CASE("a session that nobody resumes ends after a restart as before one, and its messages are kept once") {
  Pair pair;
  pair.bob_misses({"m1", "m2"});
  pair.restarts();
  CHECK(pair.records() == 1);

  pair.server().passes(601s);

  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.kept_offline() == 2);
  CHECK(pair.records() == 0);
  pair.restarts();
  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.kept_offline() == 2);
}

TEST_CASE("the record of a session goes when its client is there again") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts();
  CHECK(pair.records() == 1);

  TestClient& bob = pair.comes_back("bob@localhost/phone");

  CHECK(pair.records() == 0);
  const std::string heard = bob.heard();
  CHECK(contains(heard, "<body>m1</body><delay xmlns='urn:xmpp:delay' from='localhost'"));
  CHECK(contains(heard, "SM Storage</delay>"));
}

TEST_CASE("a session that was restored survives the next restart too") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts();
  pair.restarts();
  pair.comes_back("bob@localhost/phone").loses_connection();
  pair.restarts();

  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1"});
  CHECK(pair.records() == 1);
}

TEST_CASE("what comes for a session while its record is written is not lost") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.while_records_are_written([&] { pair.alice->says(chat("m2")); });
  pair.alice->says(chat("m3"));
  pair.settle();

  pair.restarts();

  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1", "m2"});
  pair.comes_back("bob@localhost/phone");
  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1", "m2", "m3"});
}

TEST_CASE("a presence that takes the place of an older one while the record is written is not lost") {
  Pair pair;
  pair.befriend(*pair.alice, "alice", *pair.bob, "bob");
  pair.bob_misses({});
  pair.alice->says("<presence><show>away</show></presence>");
  pair.while_records_are_written([&] { pair.alice->says("<presence><show>dnd</show></presence>"); });

  pair.restarts();

  const Session* const bob = pair.session("bob@localhost/phone");
  REQUIRE(bob != nullptr);
  const auto show = bob->management->unacknowledged().back().entry->stanza.element().child("show", ns::client);
  REQUIRE(show);
  CHECK(show->text() == "dnd");
  CHECK(bob->management->acknowledged(bob->management->sent_count()));
}

TEST_CASE("what could not be kept with its session is delivered behind the others when the client is back") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.closes();
  pair.alice->says(chat("m2"));
  CHECK(pair.kept_offline() == 1);
  pair.restarts();
  pair.server().online("alice").says(chat("m3"));
  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1"});

  pair.comes_back("bob@localhost/phone");

  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1", "m2", "m3"});
  CHECK(pair.records() == 0);
}

TEST_CASE("what cannot be written goes where the messages of any session go that ends") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.closes(Site::Database::is_broken);

  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.records() == 0);
  CHECK(pair.kept_offline() == 1);
}

TEST_CASE("a database that is away when the server starts is asked again") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts(0s, Site::Database::is_broken);
  CHECK(pair.session("bob@localhost/phone") == nullptr);

  pair.database.broken = false;
  pair.server().passes(2s);
  pair.settle();

  CHECK(pair.queue_of("bob@localhost/phone") == Texts{"m1"});
}

TEST_CASE("a record that cannot be read is an end: its messages are kept for the next session") {
  Pair pair;
  pair.bob_misses({"m1", "m2"});
  pair.closes();
  pair.database.rows().run_statement("spoil", "UPDATE sm_session SET record = '<session'", {});
  pair.restarts();
  pair.server().passes(10ms);

  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.kept_offline() == 2);
  CHECK(pair.records() == 0);
}

TEST_CASE("of a queue that cannot be read whole, the rest is kept") {
  Pair pair;
  pair.bob_misses({"m1", "m2", "m3"});
  pair.closes();
  pair.database.rows().run_statement("spoil", "UPDATE sm_session_queue SET packet = 'x' WHERE packet LIKE '%m2%'", {});
  pair.restarts();
  pair.server().passes(10ms);

  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.kept_offline() == 2);
}

TEST_CASE("nobody waits for a server that was stopped for more than a day") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts(25h);
  pair.server().passes(10ms);

  CHECK(pair.session("bob@localhost/phone") == nullptr);
  CHECK(pair.kept_offline() == 1);
}

TEST_CASE("where nothing is kept until it is acknowledged, counters survive, and what was not taken is kept offline") {
  Pair pair{"buffer = false"};
  pair.alice->says(chat("m1"));
  const std::uint32_t sent = pair.bob->session->management->sent_count();
  REQUIRE(pair.bob->session->management->acknowledged(sent - 1));
  pair.bob_misses({});

  pair.restarts();

  StreamManagement& management = *pair.session("bob@localhost/phone")->management;
  CHECK_FALSE(management.acknowledged(sent - 2));
  CHECK(management.acknowledged(sent - 1));
  CHECK(management.acknowledged(sent));
  CHECK(pair.kept_offline() == 1);
}

TEST_CASE("sessions that cannot be resumed are not kept") {
  Pair pair;
  TestClient& carol = pair.server().online("carol");
  pair.restarts();
  CHECK(pair.session("carol@localhost/phone") == nullptr);
  CHECK(pair.records() == 0);
  static_cast<void>(carol);
}

TEST_CASE("nothing is kept of an account that was removed") {
  Pair pair;
  pair.bob_misses({"m1"});
  pair.restarts();
  REQUIRE(pair.records() == 1);

  pair.account_removed("bob@localhost");

  CHECK(pair.records() == 0);
}

}  // namespace meerkat
