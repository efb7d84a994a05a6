// SPDX-License-Identifier: Apache-2.0
// Test support: what is said of the nodes of service discovery, without mod_disco between.
#pragma once

#include <string>
#include <string_view>

#include "core/events/disco_events.h"
#include "core/test_hall.h"

namespace meerkat {

// The answer's <query/>, the condition of a refusal, or "unknown" when nobody knows the node. Of handlers that answer
// at once.
template <class Asked>
std::string disco_answer(TestServer& server, const TestClient& asks, std::string_view to, std::string_view node,
                         const Namespace& ns) {
  const Jid address = *Jid::parse(to);
  const Stanza iq = make_stanza(StanzaKind::iq, StanzaType::get, asks.session->jid, address, "1",
                                xml::Builder("query", ns).attr("node", node).str());
  const IqRequest request{iq, *iq.element().first_child(), iq.from, iq.to, asks.session};
  xml::Builder query{"query", ns};
  const IqTarget target = address.has_node() ? IqTarget::account : IqTarget::server;
  Asked event{TestServer::host(server.home_of(asks.session->jid)), target, request, node, query};
  Answer<Verdict> answer = event.host.run(event);
  check(answer.at_hand(), "handlers of tests answer at once");
  if (const StanzaError* const refused = answer.value().error()) return std::string{refused->condition_name()};
  return answer.value().goes_on() && !node.empty() ? "unknown" : query.str();
}

inline std::string node_info(TestServer& server, const TestClient& asks, std::string_view to, std::string_view node) {
  return disco_answer<DiscoNodeAsked>(server, asks, to, node, ns::disco_info);
}
inline std::string node_items(TestServer& server, const TestClient& asks, std::string_view to, std::string_view node) {
  return disco_answer<DiscoItemsAsked>(server, asks, to, node, ns::disco_items);
}

}  // namespace meerkat
