// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

struct HotelOptions {
  std::string host = "hotel.@HOST@";
};

// A service that says on which worker it was asked, and keeps what else arrives.
class Hotel final : public Module {
 public:
  Hotel(HostType& host, std::shared_ptr<const HotelOptions> options)
      : service_(host, service_domain(options->host, host.name)) {
    service_.disco.add_identity(IqTarget::server, {"hotel", "grand", "A Hotel"});
    service_.iqs.on_get<&Hotel::asked>(*this, ns::last, IqTarget::server);
    service_.iqs.on_get<&Hotel::asked>(*this, ns::last, IqTarget::account);
    service_.iqs.on_get<&Hotel::asked_patiently>(*this, ns::version, IqTarget::server);
    service_.answer_disco();
    service_.on_stanza<&Hotel::arrived>(*this);
  }

  IqReply asked(const IqRequest& request) {
    const bool at_home = &service_.host.hall.at_home_of(request.to) == &service_.host.hall;
    return xml::Builder("query", ns::last).attr("home", at_home ? "yes" : "no").text(request.to.text());
  }
  Task<IqReply> asked_patiently(const IqRequest&) {
    co_await door;
    co_return xml::Builder("query", ns::version).text(service_.domain());
  }
  void arrived(Stanza stanza) {
    const bool at_home = &service_.host.hall.at_home_of(stanza.to) == &service_.host.hall;
    service_.host.hall.router.route(
        make_stanza(StanzaKind::message, StanzaType::normal, stanza.to, stanza.from, "", at_home ? "home" : "away"));
  }

  static inline Gate door;

 private:
  Service service_;
};

ModuleEntry hotel() {
  return module_entry<Hotel>(
      "mod_hotel", {},
      config::Section<HotelOptions>{"modules.mod_hotel", "Rooms."}.option("host", &HotelOptions::host, "Its domain."));
}

std::string ask(std::string_view to, const Namespace& ns) {
  return "<iq type='get' id='1' to='" + std::string{to} + "'><query xmlns='" + std::string{ns.uri} + "'/></iq>";
}

}  // namespace

TEST_CASE("a module serves a domain of its own, beside that of its host type") {
  TestServer server;
  REQUIRE(server.start(hotel()).empty());
  TestClient& alice = server.login("alice");

  alice.says(ask("hotel.localhost", ns::last));

  const std::string heard = alice.heard();
  CHECK(contains(heard, "<iq from='hotel.localhost' to='alice@localhost/phone' type='result' id='1'>"));
  CHECK(contains(heard, ">hotel.localhost</query></iq>"));
  REQUIRE(server.halls[1]->services.of(TestServer::host(*server.halls[1])).size() == 1);
  CHECK(server.halls[1]->services.of(TestServer::host(*server.halls[1]))[0]->domain() == "hotel.localhost");
}

TEST_CASE("what has a node at a service is asked at its home") {
  TestServer server;
  REQUIRE(server.start(hotel()).empty());
  TestClient& alice = server.login("alice");

  for (const std::string_view room : {"a@hotel.localhost", "b@hotel.localhost", "c@hotel.localhost/x"}) {
    alice.says(ask(room, ns::last));
    CHECK(alice.hears("home='yes'>" + std::string{room}));
    alice.says("<message to='" + std::string{room} + "'/>");
    CHECK(alice.hears("from='" + std::string{room} + "' to='alice@localhost/phone'>home<"));
  }
}

TEST_CASE("a service tells what it is and what it answers") {
  TestServer server;
  REQUIRE(server.start(hotel()).empty());
  TestClient& alice = server.login("alice");

  alice.says(ask("hotel.localhost", ns::disco_info));
  const std::string heard = alice.heard();
  CHECK(contains(heard, "<identity category='hotel' type='grand' name='A Hotel' xml:lang='en'/>"));
  CHECK(contains(heard, "<feature var='jabber:iq:last'/>"));
  CHECK(contains(heard, "<feature var='http://jabber.org/protocol/disco#info'/>"));
  alice.says(ask("hotel.localhost", ns::disco_items));
  CHECK(alice.hears("<query xmlns='http://jabber.org/protocol/disco#items'/>"));
  alice.says(
      "<iq type='get' id='1' to='hotel.localhost'><query xmlns='http://jabber.org/protocol/disco#info' "
      "node='x'/></iq>");
  CHECK(alice.hears("<item-not-found"));
}

TEST_CASE("what nobody at a service answers is refused as elsewhere") {
  TestServer server;
  REQUIRE(server.start(hotel()).empty());
  TestClient& alice = server.login("alice");

  alice.says(ask("hotel.localhost", ns::private_storage));
  CHECK(alice.hears("<service-unavailable"));
  alice.says("<iq type='set' id='1' to='hotel.localhost'><query xmlns='jabber:iq:last'/></iq>");
  CHECK(alice.hears("<not-allowed"));
  alice.says(ask("motel.localhost", ns::last));
  CHECK(alice.hears("<remote-server-not-found"));
}

TEST_CASE("a service that takes no stanzas refuses messages and says nothing to presence") {
  TestServer server;
  server.on_all_hosts([](HostType& host) {
    host.start_module("mod_desk", [](HostType& here) {
      struct Desk final : Module {
        explicit Desk(HostType& at) : service(at, "desk.localhost") {}
        Service service;
      };
      return std::make_unique<Desk>(here);
    });
  });
  TestClient& alice = server.login("alice");

  alice.says("<presence to='desk.localhost'/>");
  alice.says("<iq type='result' id='1' to='desk.localhost'/>");
  CHECK(alice.heard().empty());
  alice.says("<message to='a@desk.localhost'/>");
  CHECK(alice.hears("<service-unavailable"));
}

TEST_CASE("a service ends with its module, and who still waits inside gets an answer") {
  TestServer server;
  Hotel::door = {};
  REQUIRE(server.start(hotel()).empty());
  TestClient& alice = server.login("alice");
  alice.says(ask("hotel.localhost", ns::version));

  server.on_all_hosts([](HostType& host) { CHECK(host.stop_module("mod_hotel")); });
  alice.says(ask("hotel.localhost", ns::last));
  CHECK(alice.hears("<remote-server-not-found"));
  REQUIRE(server.start(hotel()).empty());
  alice.says(ask("hotel.localhost", ns::last));
  CHECK(alice.hears("type='result'"));

  server.home_of(alice.session->jid).worker.adopt_thread();
  Hotel::door.open();
  server.turn();
  CHECK(alice.hears("<query xmlns='jabber:iq:version'>hotel.localhost</query>"));
  alice.says(ask("hotel.localhost", ns::last));
  CHECK(alice.hears("type='result'"));
}

TEST_CASE("a domain is served once") {
  TestServer server;
  REQUIRE(server.start(hotel()).empty());

  server.on_all_hosts([](HostType& host) {
    for (const std::string_view taken : {"hotel.localhost", "localhost"}) {
      CHECK_THROWS_WITH(host.start_module("mod_other",
                                          [&](HostType& here) -> std::unique_ptr<Module> {
                                            const Service second{here, taken};
                                            return nullptr;
                                          }),
                        (std::string{taken} + " is served already").c_str());
    }
    CHECK(!host.has_module("mod_other"));
  });

  TestClient& alice = server.login("alice");
  alice.says(ask("hotel.localhost", ns::last));
  CHECK(alice.hears("type='result'"));
}

TEST_CASE("the domain of a service has the host's put in where the pattern says so") {
  CHECK(service_domain("vjud.@HOST@", "example.org") == "vjud.example.org");
  CHECK(service_domain("Rooms.@HOST@", "example.org") == "rooms.example.org");
  CHECK(service_domain("vjud.example.net", "example.org") == "vjud.example.net");
  CHECK(service_domain("no domain", "example.org").empty());
  CHECK(!is_service_pattern("vjud@@HOST@"));
  CHECK(is_service_pattern("vjud.@HOST@"));
}
