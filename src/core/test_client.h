// SPDX-License-Identifier: Apache-2.0
// Test support: how the clients of test_hall.h speak and leave. Included by it, behind the types.
#pragma once

#include "core/detached_session.h"
#include "core/session_end.h"
#include "core/test_hall.h"

namespace meerkat {

inline void TestClient::says(std::string_view stanza) {
  check(session != nullptr, "who has left says nothing");
  hall_.worker.adopt_thread();
  session->in_flight.alive();
  if (handler_waits_ || answer_waits_)
    unserved_.emplace_back(stanza);
  else
    serve(std::string{stanza});
  server_.turn();
}

inline void TestClient::serve(const std::string& text) {
  const auto index = hall_.parser.parse(text, xml::StreamScope::client(), xml::Limits{});
  check(index.has_value(), "clients of tests speak well-formed XML");
  if (session->traced) hall_.traces.came(*session, text);
  const xml::Element root{*index};
  if (root.name() != "message" && root.name() != "presence" && root.name() != "iq") {
    ClientSendsNonza event{session->host, *session, root};
    check(!session->host.run(event).value().goes_on(), "somebody knows this element");
    return;
  }
  Stanza stanza{.kind = StanzaKind::message, .from = session->jid};
  if (root.name() == "presence") stanza.kind = StanzaKind::presence;
  if (root.name() == "iq") stanza.kind = StanzaKind::iq;
  if (stanza.kind == StanzaKind::presence) stanza.type = StanzaType::available;
  if (const auto type = root.attr("type")) stanza.type = *stanza_type(stanza.kind, type->str());
  if (const auto to = root.attr("to")) stanza.to = *Jid::parse(to->str());
  stanza.body = BodyRef::copy_of(*index, {});
  switch (stanza.kind) {
    case StanzaKind::message:
      return ask_and_route<UserSendsMessage>(std::move(stanza));
    case StanzaKind::presence:
      return ask_and_route<UserSendsPresence>(std::move(stanza));
    case StanzaKind::iq:
      return ask_and_route<UserSendsIq>(std::move(stanza));
  }
}

template <class Event>
void TestClient::ask_and_route(Stanza stanza) {
  auto departure = std::make_unique<Departure<Event>>(*session, std::move(stanza));
  Answer<Verdict> answer = session->host.run(departure->event);
  if (answer.at_hand()) return proceed(departure->context, answer.value());
  handler_waits_ = true;
  hall_.scope.spawn(go_on_later<Event>(std::move(departure), answer.take_task()));
}

template <class Event>
Task<> TestClient::go_on_later(std::unique_ptr<Departure<Event>> asked, Task<Verdict> waiting) {
  const Verdict verdict = co_await waiting;
  proceed(asked->context, verdict);
  handler_waits_ = false;
  serve_unserved();
}

inline void TestClient::serve_unserved() {
  while (!unserved_.empty() && !handler_waits_ && !answer_waits_ && session != nullptr) {
    const std::string next = std::move(unserved_.front());
    unserved_.pop_front();
    serve(next);
  }
}

inline void TestClient::proceed(StanzaContext& context, const Verdict& verdict) {
  if (session == nullptr) return;
  if (verdict.goes_on()) return hall_.router.route_from(*session, std::move(context.stanza));
  if (verdict.error() != nullptr) hall_.router.refuse(context.stanza, *verdict.error());
}

inline void TestClient::disconnects() {
  hall_.worker.adopt_thread();
  leave();
  server_.turn();
}

inline void TestClient::enables_management(const StreamManagementOptions& options) {
  hall_.worker.adopt_thread();
  session->management =
      std::make_unique<StreamManagement>(*session, std::make_shared<const StreamManagementOptions>(options),
                                         "id-of-" + std::string{session->jid.text()}, options.resume_timeout);
}

inline void TestClient::loses_connection() {
  hall_.worker.adopt_thread();
  away_ = std::exchange(session, nullptr);
  DetachedSession::detach(*away_, away_->management->resume_within());
  hall_.sessions.free(*away_);
  server_.turn();
}

inline void TestClient::resumes(std::uint32_t handled) {
  hall_.worker.adopt_thread();
  session = std::exchange(away_, nullptr);
  ++session->holders;
  check(session->management->acknowledged(handled), "it was sent that many");
  session->stream->hand_over();
  session->stream = this;
  hall_.router.send_again(*session);
  hall_.fire(SessionResumes{session->host, *session});
  server_.turn();
}

inline void TestClient::leave() {
  if (session == nullptr) return;
  Session& ending = *std::exchange(session, nullptr);
  end_session(ending);
  hall_.sessions.free(ending);
}

}  // namespace meerkat
