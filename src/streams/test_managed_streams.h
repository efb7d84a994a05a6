// SPDX-License-Identifier: Apache-2.0
// Test support: clients that enable stream management (XEP-0198).
#pragma once

#include <string>
#include <string_view>

#include "core/stream_management.h"
#include "streams/test_streams.h"

namespace meerkat {

inline std::string authenticated(std::string_view user) {
  return std::string{stream_header} + plain_auth(user) + std::string{stream_header};
}
inline std::string resume(std::string_view id, std::uint32_t handled) {
  return "<resume xmlns='urn:xmpp:sm:3' previd='" + std::string{id} + "' h='" + std::to_string(handled) + "'/>";
}
inline std::string resuming_login(std::string_view user, std::string_view id, std::uint32_t handled) {
  return authenticated(user) + resume(id, handled);
}
inline std::string to_bob(std::string_view text) {
  return "<message to='bob@localhost/phone' type='chat'><body>" + std::string{text} + "</body></message>";
}
inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Alice without it, Bob with it, who is available and has the id of his session.
struct ManagedPair {
  explicit ManagedPair(std::string_view enable = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
                       std::size_t workers = 1, const StreamManagementOptions& options = {})
      : server(workers), alice(server) {
    server.on_all_hosts(
        [&](HostType& host) { host.stream_management = std::make_shared<const StreamManagementOptions>(options); });
    alice.logs_in("alice");
    bob->logs_in("bob");
    bob->says(enable);
    const std::string enabled = bob->heard();
    if (const auto at = enabled.find(" id='"); at != std::string::npos)
      id = enabled.substr(at + 5, enabled.find('\'', at + 5) - at - 5);
    bob->says("<presence/>");
    bob->heard();
    base = sent_to_bob();
    bob->says("<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(base) + "'/>");
  }
  // How many stanzas he has been sent since he enabled it.
  std::uint32_t sent_to_bob() {
    const Session* const session = server.halls[0]
                                       ->at_home_of(*Jid::parse("bob@localhost"))
                                       .sessions.find_session(*Jid::parse("bob@localhost/phone"));
    return session != nullptr && session->management ? session->management->sent_count() : 0;
  }

  StreamServer server;
  StreamClient alice;
  std::unique_ptr<StreamClient> bob = std::make_unique<StreamClient>(server);
  std::string id;
  std::uint32_t base = 0;  // what he had been sent, and acknowledged, at the beginning
};

}  // namespace meerkat
