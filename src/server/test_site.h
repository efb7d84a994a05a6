// SPDX-License-Identifier: Apache-2.0
// Test support: a server that can be stopped and started anew, with clients whose sessions can be resumed.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/detached_session.h"
#include "core/end_sessions.h"
#include "core/events/account_events.h"
#include "core/events/host_events.h"
#include "core/stream_management.h"
#include "core/test_hall.h"
#include "server/all_modules.h"

namespace meerkat {

// The body of a stanza, or its name when it has none.
inline std::string said(const Stanza& stanza) {
  const auto body = stanza.element().child("body", ns::client);
  return body ? body->text() : std::string{name_of(stanza.kind)};
}

class Site {
 public:
  using Prepare = void (*)(TestServer& server);

  // mod_stream_management with these options, and other modules by name. `prepare` is done to each server before they
  // start.
  explicit Site(std::string_view options = {}, const std::vector<std::string_view>& others = {},
                Prepare prepare = nullptr)
      : options_(options), prepare_(prepare) {
    for (ModuleEntry& module : all_modules())
      if (module.name == managed || std::ranges::find(others, module.name) != others.end())
        modules_.push_back(std::move(module));
    server_ = std::make_unique<TestServer>();
    begin_modules();
  }

  TestServer& server() { return *server_; }

  // Resumable under the id "id-of-alice@localhost/phone".
  TestClient& login(std::string_view node, std::string_view resource = "phone") {
    TestClient& client = server_->login(node, resource);
    client.enables_management(*client.session->host.stream_management);
    return client;
  }
  // The same, available, and everything it was sent is acknowledged.
  TestClient& online(std::string_view node, std::string_view resource = "phone", int priority = 0) {
    TestClient& client = login(node, resource);
    client.says("<presence><priority>" + std::to_string(priority) + "</priority></presence>");
    StreamManagement& management = *client.session->management;
    CHECK(management.acknowledged(management.sent_count()));
    return client;
  }
  // Null when there is none.
  Session* session(std::string_view address) {
    const Jid full = *Jid::parse(address);
    Hall& home = server_->home_of(full);
    home.worker.adopt_thread();
    return home.sessions.find_session(full);
  }
  // What its client has not acknowledged.
  std::vector<std::string> queue_of(std::string_view address) {
    std::vector<std::string> all;
    const Session* const found = session(address);
    REQUIRE(found != nullptr);
    for (const SentEntry& sent : found->management->unacknowledged()) all.push_back(said(sent.entry->stanza));
    return all;
  }
  // Its client is there again, and says what it had got.
  TestClient& comes_back(std::string_view address) {
    Session* const waiting = session(address);
    REQUIRE(waiting != nullptr);
    TestClient& client = server_->client_of(*waiting);
    client.resumes(waiting->management->acknowledged_count());
    return client;
  }

  enum class Database : std::uint8_t { works, is_broken };
  // As the server does it when it stops; streams have ended already.
  void closes(Database while_keeping = Database::works) {
    database.broken = while_keeping == Database::is_broken;
    tell_hosts<HostCloses>();
    database.broken = false;
    for (const auto& hall : server_->halls) {
      hall->worker.adopt_thread();
      end_detached_sessions(*hall);
    }
    settle();
  }
  template <class Event>
  void tell_hosts() {
    tell_hosts_without_answers<Event>();
    settle();
  }
  // A slow database has not answered yet.
  template <class Event>
  void tell_hosts_without_answers() {
    for (const auto& hall : server_->halls) {
      hall->worker.adopt_thread();
      hall->fire(Event{TestServer::host(*hall)});
    }
    server_->turn();
  }
  void account_removed(std::string_view address) {
    const Jid user = *Jid::parse(address);
    Hall& home = server_->home_of(user);
    home.worker.adopt_thread();
    home.scope.spawn(tell_of_removal(TestServer::host(home), user));
    settle();
  }
  void settle() {
    do {
      database.answer_all();
      server_->turn();
    } while (database.waiting() > 0);
  }
  void restarts(std::chrono::seconds stopped = {}, Database at_start = Database::works) {
    closes();
    auto next = std::make_unique<TestServer>();
    next->clock.advance(server_->clock.wall() - next->clock.wall() + stopped);
    next->accounts.passwords = server_->accounts.passwords;
    std::swap(server_, next);
    next.reset();
    begin_modules();
    database.broken = at_start == Database::is_broken;
    tell_hosts<HostOpens>();
  }

  template <class Row>
  Row row(std::string_view text) {
    const sql::Query<Row> query{"row", text};
    return *database.rows().one(query);
  }
  std::uint64_t records() { return std::get<0>(row<std::tuple<std::uint64_t>>("SELECT COUNT(*) FROM sm_session")); }

  sql::TestDatabase database;

 private:
  static Task<> tell_of_removal(HostType& host, Jid user) {
    AccountRemoved event{host, user};
    [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  }
  static constexpr std::string_view managed = "mod_stream_management";

  void begin_modules() {
    for (const auto& hall : server_->halls) hall->database = &database;
    if (prepare_ != nullptr) prepare_(*server_);
    for (const ModuleEntry& module : modules_) {
      if (module.keeps) database.prepare(*module.keeps);
      REQUIRE(server_->start(module, module.name == managed ? options_ : std::string{}).empty());
    }
  }

  const std::string options_;
  std::vector<ModuleEntry> modules_;
  const Prepare prepare_;
  std::unique_ptr<TestServer> server_;
};

using Texts = std::vector<std::string>;

}  // namespace meerkat
