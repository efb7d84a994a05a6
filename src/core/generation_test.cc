// SPDX-License-Identifier: Apache-2.0
// Modules that are stopped and started anew while the server runs: order, what waits inside, what is left behind.
#include <stdexcept>

#include <doctest/doctest.h>

#include "core/test_hall.h"

using namespace meerkat;

namespace {

using Seen = std::vector<std::string>;

// What the modules of a test have in common.
struct Book {
  Seen seen;
  Gate gate;
  int alive = 0;
};

// A module that writes down which run of it was asked.
class Scribe final : public Module {
 public:
  Scribe(HostType& host, Book& book, std::string name, bool slow = false)
      : book_(book), name_(std::move(name)), slow_(slow) {
    ++book_.alive;
    host.hooks.on<&Scribe::message_comes>(*this);
    host.hooks.on<&Scribe::message_comes_later>(*this, 60);
  }
  ~Scribe() override { --book_.alive; }
  Scribe(const Scribe&) = delete;
  Scribe& operator=(const Scribe&) = delete;

  Answer<Verdict> message_comes(UserReceivesStanza&) {
    book_.seen.push_back(name_);
    if (slow_) return wait();
    return Verdict::next();
  }
  Verdict message_comes_later(UserReceivesStanza&) {
    book_.seen.push_back(name_ + " again");
    return Verdict::next();
  }

 private:
  Task<Verdict> wait() {
    co_await book_.gate;
    book_.seen.push_back(name_ + " went on");
    co_return Verdict::next();
  }

  Book& book_;
  const std::string name_;
  const bool slow_;
};

// One that answers version requests and says so.
class Answering final : public Module {
 public:
  Answering(HostType& host, Book& book, std::string says, bool slow = false)
      : book_(book), says_(std::move(says)), slow_(slow) {
    ++book_.alive;
    host.iqs.on_get<&Answering::asked>(*this, ns::version, IqTarget::server);
    host.disco.add_feature(IqTarget::server, "urn:example:" + says_);
    host.disco.add_identity(IqTarget::server, {"server", "im", says_});
  }
  ~Answering() override { --book_.alive; }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

  Answer<IqReply> asked(const IqRequest& request) {
    if (slow_) return think(request);
    return reply();
  }

 private:
  Task<IqReply> think(const IqRequest&) {
    co_await book_.gate;
    co_return reply();
  }
  IqReply reply() const { return xml::Builder("says").text(says_); }

  Book& book_;
  const std::string says_;
  const bool slow_;
};

class Broken final : public Module {
 public:
  explicit Broken(HostType& host) {
    host.hooks.on<&Broken::message_comes>(*this);
    host.disco.add_feature(IqTarget::server, "urn:example:broken");
    throw std::runtime_error("no such table");
  }
  Verdict message_comes(UserReceivesStanza&) { return Verdict::next(); }
};

template <class M, class... Arguments>
HostType::Start start_of(Book& book, Arguments... arguments) {
  return [&book, arguments...](HostType& host) { return std::make_unique<M>(host, book, arguments...); };
}

constexpr std::string_view hi = "<message to='bob@localhost' type='chat' id='m'><body>hi</body></message>";
constexpr std::string_view question = "<iq to='localhost' type='get' id='v'><query xmlns='jabber:iq:version'/></iq>";

// One worker, so that everybody is at home there.
struct House {
  TestServer server{1};
  HostType& host = TestServer::host(*server.halls[0]);
  TestClient& alice = server.online("alice");
  TestClient& bob = server.online("bob");
  Book book;
};

}  // namespace

TEST_CASE("a module that was stopped is asked nothing more, and is gone at the end of the turn") {
  House house;
  house.host.start_module("mod_a", start_of<Scribe>(house.book, "a"));
  house.host.start_module("mod_b", start_of<Scribe>(house.book, "b"));

  const bool stopped = house.host.stop_module("mod_a");
  house.server.turn();

  CHECK(stopped);
  CHECK(house.book.alive == 1);
  house.alice.says(hi);
  CHECK(house.book.seen == Seen{"b", "b again"});
  CHECK(house.bob.hears("hi"));
}

TEST_CASE("stopping a module that does not run changes nothing") {
  House house;

  CHECK_FALSE(house.host.stop_module("mod_a"));
}

TEST_CASE("a module that was started anew takes its old place among the handlers") {
  House house;
  for (const char* name : {"a", "b", "c"})
    house.host.start_module(name, start_of<Scribe>(house.book, std::string{name}));

  house.host.stop_module("a");
  house.host.start_module("a", start_of<Scribe>(house.book, "new a"));
  house.alice.says(hi);

  CHECK(house.book.seen == Seen{"new a", "b", "c", "new a again", "b again", "c again"});
}

TEST_CASE("who waits inside an old module goes on there, and is asked by the new ones behind it") {
  House house;
  house.host.start_module("a", start_of<Scribe>(house.book, "a", true));
  house.host.start_module("b", start_of<Scribe>(house.book, "b"));
  house.alice.says(hi);

  for (const char* name : {"a", "b"}) {
    house.host.stop_module(name);
    house.host.start_module(name, start_of<Scribe>(house.book, std::string{"new "} + name));
  }
  house.server.turn();
  CHECK(house.book.alive == 3);
  CHECK(house.host.modules_leaving() == 1);
  CHECK(house.bob.heard() == "");
  house.book.gate.open();
  house.server.turn();

  CHECK(house.book.seen == Seen{"a", "a went on", "new b", "new a again", "new b again"});
  CHECK(house.book.alive == 2);
  CHECK(house.host.modules_leaving() == 0);
  CHECK(house.bob.hears("hi"));
}

TEST_CASE("a module that is stopped for good lets those inside finish") {
  House house;
  house.host.start_module("a", start_of<Scribe>(house.book, "a", true));
  house.alice.says(hi);
  house.alice.says(hi);

  house.host.stop_module("a");
  house.server.turn();
  CHECK(house.book.alive == 1);
  house.book.gate.open();
  house.server.turn();

  CHECK(house.book.alive == 0);
  CHECK(house.book.seen == Seen{"a", "a went on"});
  const std::string heard = house.bob.heard();
  CHECK(heard.find("hi") != heard.rfind("hi"));
}

TEST_CASE("a request that an old module thinks about is answered by it; the next one by the new") {
  House house;
  house.host.start_module("mod_v", start_of<Answering>(house.book, "old", true));
  house.alice.says(question);

  house.host.stop_module("mod_v");
  house.host.start_module("mod_v", start_of<Answering>(house.book, "new"));
  house.server.turn();
  house.alice.says(question);
  CHECK(house.alice.hears("<says>new</says>"));
  CHECK(house.book.alive == 2);
  house.book.gate.open();
  house.server.turn();

  CHECK(house.alice.hears("<says>old</says>"));
  CHECK(house.book.alive == 1);
}

TEST_CASE("what a stopped module answered and said of itself is forgotten") {
  House house;
  const auto namespaces_before = house.host.iqs.namespaces(IqTarget::server);
  house.host.start_module("mod_v", start_of<Answering>(house.book, "old"));

  house.host.stop_module("mod_v");

  CHECK(house.host.disco.features(IqTarget::server).empty());
  CHECK(house.host.disco.identities(IqTarget::server).empty());
  CHECK(house.host.iqs.namespaces(IqTarget::server) == namespaces_before);
  house.alice.says(question);
  CHECK(house.alice.hears("service-unavailable"));
}

TEST_CASE("a module that cannot start leaves nothing behind") {
  House house;

  CHECK_THROWS_WITH(house.host.start_module("mod_x", [](HostType& host) { return std::make_unique<Broken>(host); }),
                    "no such table");

  CHECK_FALSE(house.host.has_module("mod_x"));
  CHECK(house.host.disco.features(IqTarget::server).empty());
  house.alice.says(hi);
  CHECK(house.bob.hears("hi"));
}
