// SPDX-License-Identifier: Apache-2.0
// How requests wait for each other: the option `iqdisc` of MongooseIM, with handlers that take as long as a test wants.
#include <map>

#include <doctest/doctest.h>

#include "config/toml_reader.h"
#include "core/test_hall.h"

using namespace meerkat;

namespace {

using enum IqProcessing::Type;

// Answers each request when the test says so; each request names its gate.
struct SlowClerk {
  SlowClerk(HostType& host, const IqProcessing& how) {
    host.iqs.on_get<&SlowClerk::asked>(*this, ns::last, IqTarget::server, how);
    host.iqs.on_set<&SlowClerk::asked>(*this, ns::last, IqTarget::server, how);
    host.iqs.on_get<&SlowClerk::asked>(*this, ns::last, IqTarget::account, how);
    host.iqs.on_get<&SlowClerk::asked_at_once>(*this, ns::version, IqTarget::server, how);
  }
  Task<IqReply> asked(const IqRequest& request) {
    const std::string name = request.query.attr("name")->str();
    begun += name;
    co_await gates[name];
    co_return IqReply::empty();
  }
  IqReply asked_at_once(const IqRequest&) { return IqReply::empty(); }
  void answers(const std::string& name) { gates[name].open(); }

  std::map<std::string, Gate> gates;
  std::string begun;  // the names, in the order in which they were looked at
};

struct Scene {
  explicit Scene(IqProcessing::Type type, std::optional<std::uint32_t> queues = {})
      : clerk(TestServer::host(*server.halls[0]), {.type = type, .workers = queues}) {}

  static std::string request(const std::string& name, std::string_view type = "get",
                             std::string_view to = "localhost") {
    return "<iq type='" + std::string{type} + "' id='" + name + "' to='" + std::string{to} +
           "'><query xmlns='jabber:iq:last' name='" + name + "'/></iq>";
  }
  void opens(const std::string& name) {
    clerk.answers(name);
    server.turn();
  }

  TestServer server{1};
  SlowClerk clerk;
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
};

constexpr std::string_view quick = "<iq type='get' id='quick' to='localhost'><query xmlns='jabber:iq:version'/></iq>";

}  // namespace

TEST_CASE("no_queue: what the sender says next waits for the answer, and nobody else does") {
  Scene scene{no_queue};
  scene.alice.says(Scene::request("a"));
  scene.alice.says(quick);
  scene.alice.says("<message to='bob@localhost'><body>later</body></message>");
  CHECK(scene.alice.heard().empty());
  CHECK(scene.bob.heard().empty());

  scene.bob.says(Scene::request("b"));
  scene.opens("b");
  CHECK(scene.bob.hears("id='b'"));

  scene.opens("a");

  const std::string heard = scene.alice.heard();
  CHECK(heard.find("id='a'") < heard.find("id='quick'"));
  CHECK(contains(heard, "id='quick'"));
  CHECK(scene.bob.hears("later"));
}

TEST_CASE("no_queue: a sender who has left is not waited for") {
  Scene scene{no_queue};
  scene.alice.says(Scene::request("a"));
  scene.alice.disconnects();

  scene.opens("a");

  CHECK(scene.alice.heard().empty());
  CHECK(scene.server.halls[0]->scope.idle());
}

TEST_CASE("no_queue: requests from other workers are answered in the order of their sender") {
  TestServer server{2};
  TestClient& alice = server.online("alice");
  Hall& other = *server.halls[&server.home_of(alice.session->jid) == server.halls[0].get() ? 1 : 0];
  std::string bob;
  for (int i = 0; bob.empty(); ++i)
    if (const Jid jid = *Jid::make("bob" + std::to_string(i), "localhost"); &server.home_of(jid) == &other)
      bob = jid.text();
  server.accounts.passwords.emplace(bob, "secret");
  SlowClerk clerk{TestServer::host(other), {.type = no_queue, .workers = {}}};
  alice.says(Scene::request("a", "get", bob));
  alice.says(Scene::request("b", "get", bob));
  alice.says("<message to='alice@localhost'><body>now</body></message>");
  CHECK(alice.hears("now"));
  CHECK(clerk.begun == "a");

  other.worker.adopt_thread();
  clerk.answers("a");
  server.turn();

  CHECK(alice.hears("id='a'"));
  CHECK(clerk.begun == "ab");
  other.worker.adopt_thread();
  clerk.answers("b");
  server.turn();
  CHECK(alice.hears("id='b'"));
}

TEST_CASE("one_queue: one after the other in the order of arrival, whoever asks; senders go on") {
  Scene scene{one_queue};
  scene.alice.says(Scene::request("a"));
  scene.bob.says(Scene::request("b", "set"));
  scene.alice.says(Scene::request("c"));
  scene.alice.says("<message to='bob@localhost'><body>meanwhile</body></message>");
  CHECK(scene.bob.hears("meanwhile"));
  CHECK(scene.clerk.begun == "a");

  scene.opens("c");
  scene.opens("b");
  CHECK(scene.clerk.begun == "a");
  scene.opens("a");

  CHECK(scene.clerk.begun == "abc");
  const std::string heard = scene.alice.heard();
  CHECK(heard.find("id='a'") < heard.find("id='c'"));
  CHECK(scene.bob.hears("id='b'"));
}

TEST_CASE("one_queue: each namespace and each target has its own") {
  Scene scene{one_queue};
  scene.alice.says(Scene::request("a"));

  scene.alice.says(quick);
  scene.alice.says(Scene::request("b", "get", "alice@localhost"));

  CHECK(scene.alice.hears("id='quick'"));
  CHECK(scene.clerk.begun == "ab");
  scene.opens("a");
  scene.opens("b");
}

TEST_CASE("queues: a sender's requests stand in one queue, others may be answered beside them") {
  Scene scene{queues, 64};
  scene.alice.says(Scene::request("a"));
  scene.alice.says(Scene::request("A"));
  for (char name = 'b'; name <= 'i'; ++name)
    scene.server.online(std::string{"user"} + name).says(Scene::request(std::string{name}));

  // Eight people and 64 queues: all would have to meet alice in hers.
  CHECK(scene.clerk.begun.size() > 1);
  CHECK(!contains(scene.clerk.begun, "A"));
  for (char name = 'b'; name <= 'i'; ++name) scene.opens(std::string{name});
  scene.opens("a");

  CHECK(contains(scene.clerk.begun, "A"));
  scene.opens("A");
  CHECK(scene.alice.hears("id='A'"));
}

TEST_CASE("queues: one for each of so many at most") {
  Scene scene{queues, 1};
  scene.alice.says(Scene::request("a"));
  scene.bob.says(Scene::request("b"));
  CHECK(scene.clerk.begun == "a");

  scene.opens("a");
  scene.opens("b");

  CHECK(scene.bob.hears("id='b'"));
}

TEST_CASE("parallel: all at once, answered when they are ready") {
  Scene scene{parallel};
  scene.alice.says(Scene::request("a"));
  scene.alice.says(Scene::request("b"));
  CHECK(scene.clerk.begun == "ab");

  scene.opens("b");
  scene.opens("a");

  const std::string heard = scene.alice.heard();
  CHECK(heard.find("id='b'") < heard.find("id='a'"));
}

TEST_CASE("a queue that is full refuses, and a sender takes no more than his share of it") {
  Scene scene{one_queue};
  scene.bob.says(Scene::request("first"));
  std::vector<TestClient*> crowd;
  for (std::size_t i = 0; i < IqQueue::most_in_line / 25; ++i) {
    crowd.push_back(&scene.server.online("user" + std::to_string(i)));
    for (int each = 0; each < 25; ++each) crowd.back()->says(Scene::request("x"));
    CHECK(crowd.back()->heard().empty());
  }

  scene.alice.says(Scene::request("y"));
  CHECK(scene.alice.hears("<resource-constraint"));

  // Once all are answered, in a loop that uses no more stack than one, there is room again.
  scene.clerk.answers("x");
  scene.opens("first");
  scene.alice.says(Scene::request("z"));
  scene.opens("z");
  CHECK(scene.alice.hears("type='result' id='z'"));
}

TEST_CASE("a module that is stopped leaves those who stand in line without an answer of its own") {
  Scene scene{one_queue};
  HostType& host = TestServer::host(*scene.server.halls[0]);
  struct Owner final : Module {
    explicit Owner(HostType& host) {
      host.iqs.on_get<&Owner::asked>(*this, ns::time, IqTarget::server, {.type = one_queue, .workers = {}});
    }
    Task<IqReply> asked(const IqRequest&) {
      co_await gate();
      co_return IqReply::empty();
    }
    static Gate& gate() {
      static Gate one;
      return one;
    }
  };
  host.start_module("clock", [](HostType& here) { return std::make_unique<Owner>(here); });
  scene.alice.says("<iq type='get' id='1' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  scene.bob.says("<iq type='get' id='2' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  host.stop_module("clock");

  Owner::gate().open();
  scene.server.turn();

  CHECK(scene.alice.hears("type='result' id='1'"));
  CHECK(scene.bob.hears("<service-unavailable"));
}

TEST_CASE("who has stood in line for too long is refused, and holds up nobody behind him") {
  Scene scene{one_queue};
  scene.alice.says(Scene::request("a"));
  scene.bob.says(Scene::request("b"));
  scene.server.clock.advance(std::chrono::seconds{11});
  scene.bob.says(Scene::request("c"));

  scene.opens("a");

  CHECK(scene.alice.hears("type='result' id='a'"));
  CHECK(scene.bob.hears("<resource-constraint"));
  CHECK(scene.clerk.begun == "ac");
  scene.opens("c");
  CHECK(scene.bob.hears("type='result' id='c'"));
}

TEST_CASE("a handler that fails lets the next one have its turn") {
  struct Broken {
    Task<IqReply> asked(const IqRequest&) {
      co_await gate;
      throw std::runtime_error("broken");
    }
    Gate gate;
  } broken;
  Scene scene{one_queue};
  TestServer::host(*scene.server.halls[0])
      .iqs.on_get<&Broken::asked>(broken, ns::time, IqTarget::server, {.type = one_queue, .workers = {}});
  scene.alice.says("<iq type='get' id='1' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");
  scene.bob.says("<iq type='get' id='2' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");

  broken.gate.open();
  scene.server.turn();

  CHECK(scene.alice.hears("<internal-server-error"));
  CHECK(scene.bob.hears("<internal-server-error"));
}

TEST_CASE("the option iqdisc is read with its rules") {
  const auto read = [](std::string_view toml) {
    config::Problems problems;
    const auto table = config::read_toml(toml, "test.toml", problems);
    const IqProcessing options = iqdisc_section(one_queue).read(&*table, problems);
    return std::pair{options, problems.report()};
  };

  CHECK(read("").first == IqProcessing{.type = one_queue, .workers = {}});
  CHECK(read("type = \"queues\"\nworkers = 5").first == IqProcessing{.type = queues, .workers = 5});
  CHECK(contains(read("type = \"queues\"").second, "\"queues\" needs the option workers as well"));
  CHECK(contains(read("type = \"parallel\"\nworkers = 5").second, "is of use only together with type = \"queues\""));
  CHECK(contains(read("type = \"quueues\"").second, "did you mean \"queues\"?"));
}
