// SPDX-License-Identifier: Apache-2.0
// What is counted where MongooseIM has hooks, and what the router counts.
#include "core/hook_count.h"

#include <doctest/doctest.h>

#include "core/test_hall.h"
#include "core/test_metrics.h"

using namespace meerkat;

namespace {

std::int64_t hook(const TestServer& server, std::string_view name) {
  return counted(server.metrics, "hook_" + std::string{name}, "count", "localhost");
}

struct Listener {
  Verdict receives(UserReceivesStanza&) { return Verdict::next(); }
  Verdict becomes_available(UserBecomesAvailable&) { return Verdict::next(); }
};

std::string message(std::string_view to, std::string_view type = "chat") {
  return "<message to='" + std::string{to} + "' type='" + std::string{type} + "'><body>hi</body></message>";
}

}  // namespace

TEST_CASE("presence is counted as the hooks of MongooseIM, though nobody listens") {
  TestServer server;
  TestClient& alice = server.login("alice");

  alice.says("<presence/>");
  alice.says("<presence><show>away</show></presence>");
  alice.says("<presence type='probe' to='bob@localhost'/>");
  alice.says("<presence type='unavailable'/>");
  alice.says("<presence type='unavailable'/>");

  CHECK(hook(server, "set_presence") == 2);
  CHECK(hook(server, "user_available") == 1);
  CHECK(hook(server, "unset_presence") == 1);
  CHECK(hook(server, "resend_offline_messages") == 1);
  CHECK(hook(server, "presence_probe") == 1);
  CHECK(hook(server, "user_terminate") == 0);
  alice.disconnects();
  CHECK(hook(server, "user_terminate") == 1);
  CHECK(hook(server, "unset_presence") == 1);
}

TEST_CASE("an event counts once, however many listen") {
  Listener one, other;
  TestServer server;
  server.on_all_hosts([&](HostType& host) {
    host.hooks.on<&Listener::becomes_available>(one);
    host.hooks.on<&Listener::becomes_available>(other);
    host.hooks.on<&Listener::receives>(one);
  });
  server.online("bob");
  TestClient& alice = server.online("alice");
  CHECK(hook(server, "user_available") == 2);
  const std::int64_t before = hook(server, "filter_local_packet");

  alice.says(message("bob@localhost"));

  CHECK(hook(server, "filter_local_packet") == before + 1);
}

TEST_CASE("a message that finds nobody is counted, and once more when it comes back") {
  struct Keeper {
    Verdict keep(MessageFindsNobody&) { return Verdict::stop(); }
  } keeper;
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says(message("bob@localhost"));
  alice.says(message("bob@localhost", "groupchat"));
  alice.says(message("bob@localhost", "headline"));
  CHECK(hook(server, "offline_message") == 1);
  CHECK(hook(server, "offline_groupchat_message") == 1);
  CHECK(counted(server.metrics, "sm_message_bounced", "count") == 2);

  server.on_all_hosts([&](HostType& host) { host.hooks.on<&Keeper::keep>(keeper); });
  alice.says(message("bob@localhost"));

  CHECK(hook(server, "offline_message") == 2);
  CHECK(counted(server.metrics, "sm_message_bounced", "count") == 2);
}

TEST_CASE("what a client has not acknowledged is counted when it is gone, when more comes, and when it is given up") {
  TestServer server;
  server.on_all_hosts([](HostType& host) { host.stream_management = std::make_shared<StreamManagementOptions>(); });
  TestClient& bob = server.online("bob");
  TestClient& alice = server.online("alice");
  bob.enables_management({.resume_timeout = std::chrono::seconds{60}});
  alice.says(message("bob@localhost"));
  CHECK(hook(server, "unacknowledged_message") == 0);

  bob.loses_connection();
  CHECK(hook(server, "unacknowledged_message") == 1);
  alice.says(message("bob@localhost"));
  CHECK(hook(server, "unacknowledged_message") == 2);
  CHECK(hook(server, "reroute_unacked_messages") == 0);
  server.passes(std::chrono::seconds{61});

  CHECK(hook(server, "filter_unacknowledged_messages") == 1);
  CHECK(hook(server, "reroute_unacked_messages") == 1);
  CHECK(hook(server, "user_terminate") == 1);
  CHECK(counted(server.metrics, "sm_message_bounced", "count") == 2);
}

TEST_CASE("what nothing leads to is counted for no host type") {
  TestServer server;
  TestClient& alice = server.online("alice");

  alice.says(message("bob@elsewhere.example"));

  CHECK(alice.hears("<remote-server-not-found"));
  CHECK(counted(server.metrics, "router_no_route_found", "count") == 1);
}
