// SPDX-License-Identifier: Apache-2.0
#include "core/module_entry.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

namespace meerkat {
namespace {

struct NoOptions {};

constexpr sql::Upsert write_note{"write_note", "notes", "server, username", "note"};
constexpr sql::Query<std::tuple<std::string>, std::string_view> read_note{"read_note",
                                                                          "SELECT note FROM notes WHERE username = ?"};

// Keeps one word per user.
class Notebook final : public Module {
 public:
  Notebook(HostType& host, std::shared_ptr<const NoOptions>) : host_(host) {
    host.iqs.on_set<&Notebook::write>(*this, ns::private_storage, IqTarget::account);
    host.iqs.on_get<&Notebook::read>(*this, ns::private_storage, IqTarget::account);
  }
  Task<IqReply> write(const IqRequest& request) {
    const Jid user = request.from.bare();
    co_await host_.hall.database->upsert(write_note, sql::key(user.domain(), user.node()),
                                         sql::values(request.query.text()));
    co_return IqReply::empty();
  }
  Task<IqReply> read(const IqRequest& request) {
    const auto row = co_await host_.hall.database->one(read_note, request.from.node());
    if (!row) co_return StanzaError::item_not_found();
    co_return xml::Builder("query", ns::private_storage).text(std::get<0>(*row));
  }

 private:
  HostType& host_;
};

ModuleEntry notebook() {
  return module_entry<Notebook>("mod_notebook", {}, config::Section<NoOptions>{"modules.mod_notebook", "Notes."},
                                sql::Schema{"notebook",
                                            {sql::table("notes")
                                                 .column("server", sql::varchar(250))
                                                 .column("username", sql::varchar(250))
                                                 .column("note", sql::text())
                                                 .primary_key("server, username")},
                                            {}});
}

}  // namespace

TEST_CASE("what a module says it keeps has its place before it starts") {
  TestServer server;
  REQUIRE(server.start(notebook()).empty());
  TestClient& alice = server.login("alice");

  alice.says("<iq type='set' id='1'><query xmlns='jabber:iq:private'>milk</query></iq>");
  CHECK(alice.hears("type='result'"));
  alice.says("<iq type='get' id='2'><query xmlns='jabber:iq:private'/></iq>");
  CHECK(alice.hears(">milk<"));
}

TEST_CASE("a module whose database is away lets its users hear that, and works again afterwards") {
  TestServer server;
  REQUIRE(server.start(notebook()).empty());
  TestClient& alice = server.login("alice");

  server.database.broken = true;
  alice.says("<iq type='get' id='1'><query xmlns='jabber:iq:private'/></iq>");
  CHECK(alice.hears("internal-server-error"));
  server.database.broken = false;
  alice.says("<iq type='get' id='2'><query xmlns='jabber:iq:private'/></iq>");
  CHECK(alice.hears("item-not-found"));
}

}  // namespace meerkat
