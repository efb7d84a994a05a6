// SPDX-License-Identifier: Apache-2.0
// What modules keep, kept by each of the databases that operators may choose: every table is made, every statement
// runs.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "modules/last/last_store.h"
#include "modules/offline/offline_store.h"
#include "modules/privacy/privacy_sql.h"
#include "modules/private/private_store.h"
#include "modules/roster/roster_sql.h"
#include "modules/stream_management/kept_sessions.h"
#include "modules/vcard/vcard_store.h"
#include "store/sql/test_drivers.h"

#define EVERY_KIND OnPostgres, OnMariadb, OnOdbcPostgres, OnOdbcSqlite

using namespace meerkat;

namespace {

template <class Kind>
struct House {
  explicit House(const sql::Schema& schema) {
    if (!Kind::is_there()) return;
    Kind::empty_database();
    database = sql::open_rdbms("rdbms.test", Kind::options());
    database->prepare(schema);
    // What is there already is left as it is.
    database->prepare(schema);
  }
  explicit operator bool() const { return database != nullptr; }
  template <class T>
  T ask(Task<T> task) {
    return house.ask(std::move(task));
  }

  sql::TestHouse house;
  std::shared_ptr<sql::Database> database;
};

Jid jid(std::string_view text) { return Jid::parse(text).value(); }

const Jid alice = jid("alice@example.org");
// Longer than any database's key may be.
const std::string long_name(900, 'l');
const Jid distant = jid(long_name + "@example.net");

}  // namespace

TEST_CASE_TEMPLATE("rosters are kept", Kind, EVERY_KIND) {
  House<Kind> house{roster_schema()};
  if (!house) return;
  const auto store = sql_roster_store(*house.database);
  const Contact bob{.jid = jid("bob@example.org"),
                    .name = "Bob 🐱",
                    .subscription = Subscription::both,
                    .groups = {"Friends", "Work"}};
  const Contact far{.jid = distant, .asked_in = true, .groups = {long_name + "a", long_name + "b"}};
  CHECK(!house.ask(store->knows(alice)));

  house.ask(store->change({.user = alice, .contact = bob.jid, .after = bob, .version = "1"}));
  house.ask(store->change({.user = alice, .contact = far.jid, .after = far, .request = "<presence/>"}));
  house.ask(store->change({.user = alice, .contact = far.jid, .after = far}));

  CHECK(house.ask(store->contacts(alice)) == std::vector{bob, far});
  CHECK(house.ask(store->version(alice)) == "1");
  house.ask(store->set_version(alice, "2"));
  CHECK(house.ask(store->version(alice)) == "2");
  const auto requests = house.ask(store->requests(alice, 10));
  REQUIRE(requests.size() == 1);
  CHECK(requests.front().from == distant);
  CHECK(requests.front().stanza == "<presence/>");
  CHECK(house.ask(store->knows(alice)));
  house.ask(store->change({.user = alice, .contact = bob.jid, .version = ""}));
  CHECK(house.ask(store->contacts(alice)) == std::vector{far});
  CHECK(house.ask(store->version(alice)).empty());
  house.ask(store->remove(alice));
  CHECK(!house.ask(store->knows(alice)));
}

TEST_CASE_TEMPLATE("private elements are kept", Kind, EVERY_KIND) {
  House<Kind> house{private_schema()};
  if (!house) return;
  const auto store = make_private_store(*house.database);
  const PrivateRoom room{.namespaces = 2, .bytes = 100'000};
  const std::string large(90'000, 'x');

  CHECK(house.ask(store->save(alice, {{"urn:a", "<a/>"}, {"urn:b", large}}, room)));
  CHECK(!house.ask(store->save(alice, {{"urn:c", "<c/>"}}, room)));
  CHECK(!house.ask(store->save(alice, {{"urn:a", large}}, room)));
  CHECK(house.ask(store->find(alice, "urn:a")) == "<a/>");
  CHECK(house.ask(store->find(alice, "urn:b")) == large);
  CHECK(house.ask(store->find(alice, "urn:c")) == std::nullopt);
  house.ask(store->remove_all(alice));
  CHECK(house.ask(store->find(alice, "urn:a")) == std::nullopt);
}

TEST_CASE_TEMPLATE("privacy lists are kept", Kind, EVERY_KIND) {
  House<Kind> house{privacy_schema()};
  if (!house) return;
  const auto store = sql_privacy_store(*house.database);
  RuleList list{.name = "work", .rules = {}};
  list.rules.push_back({.by = RuleBy::jid, .jid = distant, .action = RuleAction::deny, .order = 1});
  list.rules.push_back({.by = RuleBy::group,
                        .group = "Friends",
                        .action = RuleAction::block,
                        .order = 4'000'000'000,
                        .kinds = about::message | about::iq});
  CHECK(!house.ask(store->knows(alice)));

  house.ask(store->write(alice, list, Default::is_this));
  house.ask(store->write(alice, list, Default::stays));
  house.ask(store->write(alice, {.name = "Empty", .rules = {}}, Default::stays));

  CHECK(house.ask(store->names(alice)) == std::vector<std::string>{"Empty", "work"});
  const auto found = house.ask(store->default_list(alice));
  REQUIRE(found);
  REQUIRE(found->rules.size() == 2);
  CHECK(found->rules[0].jid == distant);
  CHECK(found->rules[1].group == "Friends");
  CHECK(found->rules[1].order == 4'000'000'000);
  CHECK(found->rules[1].kinds == (about::message | about::iq));
  house.ask(store->set_default(alice, "Empty"));
  const auto empty = house.ask(store->default_list(alice));
  REQUIRE(empty);
  CHECK(empty->rules.empty());
  house.ask(store->remove(alice, "Empty"));
  CHECK(!house.ask(store->default_list(alice)));
  CHECK(house.ask(store->list(alice, "work")));
  house.ask(store->set_default(alice, std::nullopt));
  CHECK(house.ask(store->knows(alice)));
  house.ask(store->forget(alice));
  CHECK(!house.ask(store->knows(alice)));
}

TEST_CASE_TEMPLATE("vCards are kept and searched", Kind, EVERY_KIND) {
  House<Kind> house{vcard_schema()};
  if (!house) return;
  const auto store = make_vcard_store(*house.database);
  SearchedValues values;
  values[0] = "Alice Liddell";
  values[8] = "Alice@example.org";
  house.ask(store->save(alice, "<vCard/>", values));
  house.ask(store->save(alice, "<vCard xmlns='vcard-temp'/>", values));
  house.ask(store->save(jid("bob@example.org"), "<vCard/>", {}));

  CHECK(house.ask(store->find(alice)) == "<vCard xmlns='vcard-temp'/>");
  for (std::size_t field = 0; field < searched_fields.size(); ++field) {
    Search search;
    search.fields[field] = {Wanted::Fit::beginning, "ali"};
    CHECK(house.ask(store->search("example.org", search, 10)).size() == (field == 0 || field == 8 ? 1 : 0));
  }
  Search whole;
  whole.user = {Wanted::Fit::whole, "alice"};
  const auto found = house.ask(store->search("example.org", whole, 10));
  REQUIRE(found.size() == 1);
  CHECK(found.front().user == "alice");
  CHECK(found.front().values == values);
  house.ask(store->remove(alice));
  CHECK(house.ask(store->find(alice)) == std::nullopt);
  CHECK(house.ask(store->search("example.org", whole, 10)).empty());
}

TEST_CASE_TEMPLATE("last activity is kept", Kind, EVERY_KIND) {
  House<Kind> house{last_schema()};
  if (!house) return;
  const auto store = make_last_store(*house.database);
  const Jid bob = jid("bob@example.org");
  CHECK(!house.ask(store->get_last(alice)));

  house.ask(store->set_last_info(alice, {.seconds = 1, .status = "one"}));
  house.ask(store->set_last_info(alice, {.seconds = 4'000'000'000, .status = "Zwei 🐱"}));
  house.ask(store->set_last_info(bob, {.seconds = 100, .status = ""}));
  CHECK(house.ask(store->get_last(alice)) == LastActivity{4'000'000'000, "Zwei 🐱"});
  house.ask(store->settle());

  CHECK(house.ask(store->get_last(alice)) == LastActivity{4'000'000'000, "Zwei 🐱"});
  CHECK(house.ask(store->count_later_than("example.org", 99)) == 2);
  CHECK(house.ask(store->count_later_than("example.org", 100)) == 1);
  CHECK(house.ask(store->count_later_than("example.net", 0)) == 0);
  house.ask(store->session_cleanup(bob, 200));
  house.ask(store->session_cleanup(jid("carol@example.org"), 200));
  CHECK(house.ask(store->get_last(bob)) == LastActivity{200, ""});
  CHECK(house.ask(store->names_from("example.org", 201)) == std::vector<std::string>{"alice"});
  CHECK(house.ask(store->names_from("example.org", 200)).size() == 3);
  house.ask(store->set_last_info(bob, {.seconds = 300, .status = "gone"}));
  house.ask(store->remove(bob));
  CHECK(!house.ask(store->get_last(bob)));
  house.ask(store->settle());
  CHECK(!house.ask(store->get_last(bob)));
  CHECK(house.ask(store->count_later_than("example.org", 0)) == 2);
}

TEST_CASE_TEMPLATE("offline messages are kept", Kind, EVERY_KIND) {
  House<Kind> house{offline_schema()};
  if (!house) return;
  const auto store = make_offline_store(*house.database);
  std::vector<NewOfflineMessage> messages;
  for (int i = 0; i < 40; ++i)
    messages.push_back({.came = 1'700'000'000'000'000 + i,
                        .useless_from = i == 0 ? std::optional<OfflineTime>{10} : std::nullopt,
                        .from = std::string{distant.text()} + "/" + long_name,
                        .packet = "<message/>" + std::to_string(i)});

  CHECK(house.ask(store->append(alice, messages, std::nullopt)).kept == 40);
  const OfflineRoom room{.most = 41, .there = std::nullopt, .now = 20};
  const auto appended = house.ask(store->append(alice, {messages[1], messages[2], messages[3]}, room));
  CHECK(appended.kept == 2);
  CHECK(appended.there == 41);

  auto kept = house.ask(store->read_behind(alice, 0, 30));
  REQUIRE(kept.size() == 30);
  CHECK(kept.front().packet == "<message/>1");
  CHECK(kept.front().from == messages.front().from);
  CHECK(kept.front().came == 1'700'000'000'000'001);
  CHECK(!kept.front().useless_from);
  std::vector<OfflineName> names;
  for (const OfflineMessage& message : kept) names.push_back({alice, message.number});
  house.ask(store->remove(names));
  CHECK(house.ask(store->read_behind(alice, 0, 100)).size() == 11);
  CHECK(house.ask(store->read_behind(alice, kept.back().number, 1)).front().packet == "<message/>31");
  house.ask(store->remove_all(alice));
  CHECK(house.ask(store->read_behind(alice, 0, 100)).empty());
}

TEST_CASE_TEMPLATE("sessions are kept", Kind, EVERY_KIND) {
  House<Kind> house{stream_management_schema()};
  if (!house) return;
  const auto store = make_kept_sessions(*house.database);
  KeptSession session{.id = "one", .resource = "phone", .saved_at = 4'000'000'000, .record = std::string(70'000, 'r')};
  session.queue.push_back({.entry = 7, .must_arrive = true, .given_back = true, .packet = "<message/>"});
  session.queue.push_back({.entry = 8, .taken = true, .by_server = true, .packet = "<iq/>"});
  house.ask(store->save({{alice, {session}}}));
  session.queue.pop_back();
  house.ask(store->save({{alice, {session}}, {jid("bob@example.org"), {{.id = "two"}}}}));

  CHECK(house.ask(store->accounts_behind("example.org", "", 10)) == std::vector<std::string>{"alice", "bob"});
  CHECK(house.ask(store->accounts_behind("example.org", "alice", 1)) == std::vector<std::string>{"bob"});
  const auto kept = house.ask(store->of(alice));
  REQUIRE(kept.size() == 1);
  CHECK(kept.front().saved_at == 4'000'000'000);
  CHECK(kept.front().record == session.record);
  REQUIRE(kept.front().queue.size() == 1);
  CHECK(kept.front().queue.front().must_arrive);
  CHECK(kept.front().queue.front().given_back);
  CHECK(!kept.front().queue.front().taken);
  house.ask(store->forget_soon("one"));
  house.ask(store->settle());
  CHECK(house.ask(store->of(alice)).empty());

  for (std::uint32_t i = 1; i <= 5; ++i) house.ask(store->remember({std::to_string(i), alice, i, 100 + i}));
  CHECK(house.ask(store->ended("5", alice))->handled == 5);
  CHECK(!house.ask(store->ended("5", distant)));
  house.ask(store->collect("example.org", 101, 3));
  CHECK(!house.ask(store->ended("2", alice)));
  CHECK(house.ask(store->ended("3", alice)));
  house.ask(store->remove_all(alice));
  CHECK(!house.ask(store->ended("5", alice)));
}
