// SPDX-License-Identifier: Apache-2.0
// Test support: the real halls of a few workers, driven by hand on the test's thread, with clients that need no
// sockets.
//
//   TestServer server;
//   TestClient& alice = server.login("alice");
//   alice.says("<presence/>");
//   CHECK(alice.heard() == "<presence from='alice@localhost/phone' to='alice@localhost/phone'/>");
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/metrics/registry.h"
#include "config/toml_reader.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/module_entry.h"
#include "core/stream_management.h"
#include "core/test_accounts.h"
#include "core/test_gate.h"  // IWYU pragma: export
#include "store/sql/test_database.h"

namespace meerkat {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

class TestServer;

// One session and its stream. What it says goes the way of c2s_serving.cc: the sender's hooks, then the router.
class TestClient final : public SessionStream {
 public:
  TestClient(TestServer& server, Hall& home, const Jid& full) : server_(server), hall_(home) {
    home.worker.adopt_thread();
    session = &home.sessions.open(full, *home.host_of(full.domain()), *this);
    home.fire(SessionOpens{session->host, *session});
  }
  // Of a session that waits for its client, until it resumes.
  TestClient(TestServer& server, Session& waiting) : server_(server), hall_(waiting.host.hall), away_(&waiting) {}
  ~TestClient() = default;

  // Bytes come in, and the server does what is to be done.
  void says(std::string_view stanza);
  // All that came since it was last asked for.
  std::string heard() { return std::exchange(bytes_, {}); }
  bool hears(std::string_view part) { return contains(heard(), part); }
  // The connection is gone, as C2sStream::leave_session has it.
  void disconnects();
  // XEP-0198: it enables acknowledgements and gives none of itself; its connection is lost, and it may come back within
  // ten minutes; it comes back, having handled so many stanzas.
  void enables_management(const StreamManagementOptions& options = {});
  void loses_connection();
  void resumes(std::uint32_t handled);

  Session* session = nullptr;       // null once it has ended
  std::string ended_with;           // the condition of the stream error
  std::size_t unread = 0;           // what the client has not taken, as the router sees it
  bool connection_is_dead = false;  // nothing that is written leaves
  bool held = false;
  StreamFacts comes_from;

 private:
  std::string& out() override { return bytes_; }
  std::size_t waiting() const override { return unread; }
  bool peer_has_all() const override { return unread == 0; }
  bool takes_more() override { return true; }
  void give_up() override {}
  void end_with(const StreamError& error) override {
    if (session == nullptr) return;
    ended_with = error.condition_name();
    error.append_to(bytes_);
    leave();
  }
  StreamFacts facts() const override { return comes_from; }
  void hand_over() override {
    ended_with = "conflict";
    hall_.sessions.free(*std::exchange(session, nullptr));
  }
  void hold() override { held = true; }
  void release() override { held = false; }
  void wait_for_answer() override { answer_waits_ = true; }
  void go_on() override {
    answer_waits_ = false;
    serve_unserved();
  }

  template <class Event>
  struct Departure {
    Departure(Session& sender, Stanza stanza) : context{std::move(stanza), sender.host, sender}, event{context} {}
    StanzaContext context;
    Event event;
  };

  void leave();
  void serve(const std::string& text);
  template <class Event>
  void ask_and_route(Stanza stanza);
  template <class Event>
  Task<> go_on_later(std::unique_ptr<Departure<Event>> asked, Task<Verdict> waiting);
  void proceed(StanzaContext& context, const Verdict& verdict);
  void serve_unserved();

  TestServer& server_;
  Hall& hall_;
  Session* away_ = nullptr;
  std::string bytes_;
  bool handler_waits_ = false;
  bool answer_waits_ = false;
  std::deque<std::string> unserved_;
};

// "localhost" on two workers. Modules start before anybody logs in.
class TestServer {
 public:
  explicit TestServer(std::size_t count = 2) : workers(count, clock) {
    for (std::size_t i = 0; i < count; ++i) {
      halls.push_back(std::make_unique<Hall>(workers[i], workers, halls, metrics));
      halls.back()->limits = &limits;
      halls.back()->database = &database;
      halls.back()->add_host("localhost", accounts);
    }
  }

  // On all workers, with options as they stand in the module's table. The report of problems; empty when it started.
  std::string start(const ModuleEntry& entry, std::string_view toml = {}) {
    config::Problems problems;
    const auto table = config::read_toml(toml, "test.toml", problems);
    if (!table) return problems.report();
    const auto configured = entry.configure(&*table, problems, "modules." + std::string{entry.name});
    if (!configured) return problems.report();
    if (entry.keeps) database.prepare(*entry.keeps);
    for (const auto& hall : halls) host(*hall).start_module(*configured);
    return problems.report();
  }

  // Somebody with an account (password "secret") has bound a resource; no presence was sent.
  TestClient& login(std::string_view node, std::string_view resource = "phone") {
    const Jid full = *Jid::make(node, "localhost", resource);
    accounts.passwords.emplace(full.bare_text(), "secret");
    clients_.push_back(std::make_unique<TestClient>(*this, home_of(full), full));
    turn();
    return *clients_.back();
  }
  // The client of a session that waits, not resumed yet.
  TestClient& client_of(Session& waiting) {
    return *clients_.emplace_back(std::make_unique<TestClient>(*this, waiting));
  }
  // The same, available with a priority; what it hears of that is forgotten.
  TestClient& online(std::string_view node, std::string_view resource = "phone", int priority = 0) {
    TestClient& client = login(node, resource);
    client.says("<presence><priority>" + std::to_string(priority) + "</priority></presence>");
    for (const auto& each : clients_) each->heard();
    return client;
  }

  // Everybody works until all mail is read and every timer that is due has fired; then the kernel takes the bytes.
  void turn() {
    for (int round = 0; round < 6; ++round) {
      for (const auto& worker : workers) {
        worker->adopt_thread();
        worker->turn(std::chrono::milliseconds{0});
      }
    }
    for (const auto& client : clients_)
      if (client->session != nullptr && !client->connection_is_dead) client->session->in_flight.written();
  }
  void passes(std::chrono::nanoseconds time) {
    clock.advance(time);
    turn();
  }

  Hall& home_of(const Jid& address) { return halls[0]->at_home_of(address); }
  static HostType& host(const Hall& hall) { return *hall.host_of("localhost"); }
  template <class Use>
  void on_all_hosts(Use use) {
    for (const auto& hall : halls) use(host(*hall));
  }

  TurnableClock clock;
  metrics::Registry metrics;
  Workers workers;
  MemoryAccounts accounts;
  sql::TestDatabase database;
  Limits limits;
  std::vector<std::unique_ptr<Hall>> halls;

 private:
  std::vector<std::unique_ptr<TestClient>> clients_;
};

}  // namespace meerkat

#include "core/test_client.h"  // IWYU pragma: keep
