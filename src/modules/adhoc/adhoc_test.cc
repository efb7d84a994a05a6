// SPDX-License-Identifier: Apache-2.0
#include "modules/adhoc/adhoc.h"

#include <doctest/doctest.h>

#include "core/test_disco.h"

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

int living_states = 0;

struct Counted final : CommandState {
  Counted() { ++living_states; }
  ~Counted() override { --living_states; }
  int stage = 1;
};

// Offers a command of three stages, and one for bob alone.
struct Wizard final : Module {
  explicit Wizard(HostType& host) {
    host.commands.offer<&Wizard::step>(*this, IqTarget::server, "wizard", "A wizard");
    host.commands.offer<&Wizard::step>(*this, IqTarget::account, "own", "Of the account");
    host.commands.offer<&Wizard::step>(*this, IqTarget::server, "bobs", "For bob",
                                       [](const IqRequest& request) { return request.from.node() == "bob"; });
  }
  Task<CommandOutcome> step(CommandStep& step) {
    if (!step.state) step.state = std::make_unique<Counted>();
    auto& state = static_cast<Counted&>(*step.state);
    const auto form = step.command.child("x", ns::data_forms);
    if (form && form->attr("type") && *form->attr("type") == "wrong")
      co_return CommandOutcome::refused(StanzaError::bad_request("fill it in"));
    if (step.action == CommandAction::complete) co_return CommandOutcome::completed(command_note("info", "done"));
    if (step.action == CommandAction::next) ++state.stage;
    if (step.action == CommandAction::prev) --state.stage;
    co_return CommandOutcome::stage(
        "<x xmlns='jabber:x:data' type='form'><title>" + std::to_string(state.stage) + "</title></x>",
        {.prev = state.stage > 1,
         .next = state.stage < 3,
         .complete = state.stage > 1,
         .usual = state.stage < 3 ? CommandAction::next : CommandAction::complete});
  }
};

struct Scene {
  explicit Scene(std::string_view options = {}) {
    REQUIRE(server.start(adhoc_module(), options) == "");
    start_wizard();
    alice = &server.online("alice");
  }
  void start_wizard() {
    server.on_all_hosts([](HostType& host) {
      host.start_module("mod_wizard", [](HostType& here) { return std::make_unique<Wizard>(here); });
    });
  }
  std::string execute(std::string_view attributes, std::string_view content = "", std::string_view to = "localhost") {
    alice->says("<iq type='set' id='1' to='" + std::string{to} +
                "'><command xmlns='http://jabber.org/protocol/commands' " + std::string{attributes} + ">" +
                std::string{content} + "</command></iq>");
    return alice->heard();
  }
  std::string info(std::string_view node, std::string_view of = "localhost") {
    return node_info(server, *alice, of, node);
  }
  std::string items(std::string_view node, std::string_view of = "localhost") {
    return node_items(server, *alice, of, node);
  }
  // Begins the wizard; what names its session.
  std::string begin() {
    const std::string heard = execute("node='wizard'");
    const std::size_t at = heard.find("sessionid='") + 11;
    return "node='wizard' sessionid='" + heard.substr(at, heard.find('\'', at) - at) + "'";
  }

  TestServer server;
  TestClient* alice = nullptr;
};

constexpr std::string_view list = "http://jabber.org/protocol/commands";

}  // namespace

TEST_CASE("the server has a ping among its commands") {
  Scene scene;

  const std::string heard = scene.execute("node='ping' action='execute'");

  CHECK(contains(heard, "<command xmlns='http://jabber.org/protocol/commands' node='ping' sessionid='"));
  CHECK(contains(heard, "status='completed'><note type='info'>Pong</note></command>"));
}

TEST_CASE("commands are found by service discovery, each by those it is for") {
  Scene scene;

  CHECK(contains(scene.info(list), "<identity category='automation' type='command-list'"));
  const std::string items = scene.items(list);
  CHECK(contains(items, "<item jid='localhost' node='ping' name='Ping'/>"));
  CHECK(contains(items, "<item jid='localhost' node='wizard' name='A wizard'/>"));
  CHECK(!contains(items, "bobs"));
  CHECK(!contains(items, "own"));
  const std::string one = scene.info("wizard");
  CHECK(contains(one, "<identity category='automation' type='command-node' name='A wizard'"));
  CHECK(contains(one, "<feature var='http://jabber.org/protocol/commands'/><feature var='jabber:x:data'/>"));
  CHECK(scene.info("bobs") == "forbidden");
  CHECK(scene.items("wizard") == "<query xmlns='http://jabber.org/protocol/disco#items'/>");
  CHECK(scene.info("nothing") == "unknown");
  CHECK(scene.items("nothing") == "unknown");
  CHECK(contains(scene.items(list, "alice@localhost"),
                 "<item jid='alice@localhost' node='own' name='Of the account'/></query>"));
}

TEST_CASE("the list of commands is named among the items when the operator wishes it") {
  const std::string item = "node='http://jabber.org/protocol/commands' name='Commands'/>";
  Scene quiet;
  CHECK(!contains(quiet.items(""), item));
  Scene open{"report_commands_node = true"};
  CHECK(contains(open.items(""), "<item jid='localhost' " + item));
  CHECK(contains(open.items("", "alice@localhost"), "<item jid='alice@localhost' " + item));
}

TEST_CASE("a command of several stages goes forth and back, and ends") {
  Scene scene;
  const std::string session = scene.begin();
  CHECK(living_states == 1);

  const std::string second = scene.execute(session, "<x xmlns='jabber:x:data' type='submit'/>");
  CHECK(contains(second, "status='executing'><actions execute='next'><prev/><next/><complete/></actions><x "));
  CHECK(contains(second, "<title>2</title>"));
  CHECK(contains(scene.execute(session + " action='prev'"),
                 "<actions execute='next'><next/></actions><x xmlns='jabber:x:data' type='form'><title>1</title>"));
  CHECK(contains(scene.execute(session + " action='next'"), "<title>2</title>"));
  CHECK(
      contains(scene.execute(session + " action='next'"), "<actions execute='complete'><prev/><complete/></actions>"));
  const std::string last = scene.execute(session + " action='execute'");
  CHECK(contains(last, "status='completed'><note type='info'>done</note>"));
  CHECK(living_states == 0);
  CHECK(contains(scene.execute(session), "<bad-sessionid"));
}

TEST_CASE("a command that is cancelled keeps nothing") {
  Scene scene;
  const std::string session = scene.begin();

  CHECK(contains(scene.execute(session + " action='cancel'"), "status='canceled'/>"));

  CHECK(living_states == 0);
  CHECK(contains(scene.execute(session), "<bad-sessionid xmlns='http://jabber.org/protocol/commands'/>"));
}

TEST_CASE("a mistake in a stage can be made good") {
  Scene scene;
  const std::string session = scene.begin();

  CHECK(contains(scene.execute(session, "<x xmlns='jabber:x:data' type='wrong'/>"), "fill it in"));
  CHECK(contains(scene.execute(session + " action='prev'"), "<bad-action"));
  CHECK(contains(scene.execute(session + " action='jump'"), "<malformed-action"));
  CHECK(contains(scene.execute(session), "<title>2</title>"));
}

TEST_CASE("a command that nobody offers, or offers to somebody else, is not executed") {
  Scene scene;

  CHECK(contains(scene.execute("node='nothing'"), "<item-not-found"));
  CHECK(contains(scene.execute("node='own'"), "<item-not-found"));
  CHECK(contains(scene.execute(""), "<item-not-found"));
  CHECK(contains(scene.execute("node='bobs'"), "<forbidden"));
  CHECK(contains(scene.execute("node='wizard' action='next'"), "<bad-action"));
  CHECK(contains(scene.execute("node='wizard' action='cancel'"), "<bad-action"));
  scene.alice->says("<iq type='get' id='1' to='localhost'><command xmlns='http://jabber.org/protocol/commands'/></iq>");
  CHECK(scene.alice->hears("<not-allowed"));
  CHECK(living_states == 0);
}

TEST_CASE("the commands of an account are its own, and strangers do not learn whether it exists") {
  Scene scene;
  scene.server.online("bob");

  CHECK(contains(scene.execute("node='own'", "", "alice@localhost"), "<title>1</title>"));
  for (const std::string_view to : {"bob@localhost", "nobody@localhost"})
    CHECK(contains(scene.execute("node='own'", "", to), "<service-unavailable"));
}

TEST_CASE("nobody goes on with what somebody else began") {
  Scene scene;
  const std::string session = scene.begin();
  TestClient* const alice = std::exchange(scene.alice, &scene.server.online("alice", "laptop"));

  CHECK(contains(scene.execute(session), "<bad-sessionid"));

  scene.alice = alice;
  CHECK(contains(scene.execute(session), "<title>2</title>"));
}

TEST_CASE("what nobody goes on with is forgotten after ten minutes, or with its session") {
  Scene scene;
  const std::string session = scene.begin();
  scene.server.passes(9min);
  CHECK(contains(scene.execute(session), "<title>2</title>"));
  scene.server.passes(11min);
  CHECK(living_states == 0);
  CHECK(contains(scene.execute(session), "<bad-sessionid"));

  scene.begin();
  CHECK(living_states == 1);
  scene.alice->disconnects();
  CHECK(living_states == 0);
}

TEST_CASE("a user has ten commands open at most") {
  Scene scene;
  for (std::size_t i = 0; i < 10; ++i) CHECK(contains(scene.execute("node='wizard'"), "status='executing'"));

  CHECK(contains(scene.execute("node='wizard'"), "<resource-constraint"));
  scene.alice->disconnects();
  CHECK(living_states == 0);
}

TEST_CASE("a command that was begun before its module was started anew has expired") {
  Scene scene;
  const std::string session = scene.begin();
  scene.server.on_all_hosts([](HostType& host) { host.stop_module("mod_wizard"); });
  CHECK(contains(scene.execute("node='wizard'"), "<item-not-found"));
  scene.start_wizard();

  CHECK(contains(scene.execute(session), "<session-expired xmlns='http://jabber.org/protocol/commands'/>"));
  CHECK(living_states == 0);
}
