// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §5: a client takes its session up again where its last connection left it.
#include <algorithm>

#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/stream_management.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/negotiation.h"
#include "streams/stream_management.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// How often one looks again whether handlers have left what the client said last.
constexpr std::chrono::milliseconds moment{10};

// Of the account, so an id of somebody else's is as unknown as any other.
Session* find_resumable(const SessionTable& sessions, const Jid& user, std::string_view id) {
  const Account* const account = sessions.find(user);
  for (Session* session = account != nullptr ? account->first : nullptr; session; session = session->next_of_account)
    if (session->management && session->management->resumable() && session->management->id() == id) return session;
  return nullptr;
}

}  // namespace

// The session that is resumed; null when the client may try something else.
Task<Session*> Negotiation::resume(const xml::Element& request) {
  const auto previous = request.attr("previd");
  const auto handled = handled_count(request);
  if (!host_->stream_management) {
    write(management_failed(StanzaError::feature_not_implemented()));
    co_return nullptr;
  }
  if (!previous || !handled) {
    write(management_failed(StanzaError::bad_request()));
    co_return nullptr;
  }
  const std::string id = previous->str();
  Session* session = find_resumable(hall().sessions, user_, id);
  if (session != nullptr) {
    const bool allowed = co_await may_have(session->jid);
    if (!allowed) {
      write(management_failed(StanzaError::not_allowed()));
      co_return nullptr;
    }
    session = find_resumable(hall().sessions, user_, id);
  }
  while (session != nullptr && session->management->in_hand > 0) {
    co_await sleep_for(moment);
    if (is_gone()) throw Gone{};
    session = find_resumable(hall().sessions, user_, id);
  }
  // Of two who come at once, one has it.
  if (session == nullptr || login_ <= session->management->taken_after) {
    co_await refuse_resumption(id);
    co_return nullptr;
  }
  StreamManagement& management = *session->management;
  if (!management.acknowledged(*handled)) {
    const StreamError error = handled_count_too_high(*handled, management.sent_count());
    session->stream->end_with(error);
    throw error;
  }
  if (!management.keeps()) session->in_flight.handled(*handled);
  take_over(*session);
  co_return session;
}

Task<> Negotiation::refuse_resumption(const std::string& id) {
  const Jid user = user_.bare();
  ResumptionFails event{*host_, user, id, std::nullopt};
  [[maybe_unused]] const Verdict verdict = co_await host_->run(event);
  if (is_gone()) throw Gone{};
  hall().resumptions.count(Resumption::refused);
  write(management_failed(StanzaError::item_not_found(), event.handled));
}

void Negotiation::take_over(Session& session) {
  ++session.holders;
  session.stream->hand_over();
  session.stream = &stream_;
  StreamManagement& management = *session.management;
  management.taken_after = stream_.service_->logins();
  management.client_is_back();
  resumed_ = true;
  hall().resumptions.count(Resumption::resumed);
  session.host.counts->session_resumed();
  write(xml::Builder("resumed", ns::sm)
            .attr("previd", management.id())
            .attr("h", std::to_string(management.handled()))
            .str());
}

}  // namespace meerkat
