// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §7: binding a resource. The newest wins.
#include <utility>

#include "base/random.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/negotiation.h"
#include "streams/stream_management.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

constexpr int most_tries = 5;
// Without a rule max_user_sessions, as MongooseIM.
constexpr std::int64_t usual_most_sessions = 100;

// A new session and its place: older ones make room when there are too many.
void make_room(Hall& hall, const Jid& full, std::uint32_t most) {
  if (Session* const same = hall.sessions.find_session(full))
    same->stream->end_with(StreamError::conflict("Replaced by new connection"));
  for (;;) {
    const Account* const account = hall.sessions.find(full);
    if (account == nullptr || hall.sessions.count_of(*account) < most) return;
    Session* oldest = account->first;
    while (oldest->next_of_account != nullptr) oldest = oldest->next_of_account;
    oldest->stream->end_with(StreamError::conflict("Too many sessions of this account"));
  }
}

}  // namespace

Task<Session*> Negotiation::bind() {
  for (int tries = 0; tries < most_tries; ++tries) {
    const xml::Element iq = co_await next_element();
    if (iq.is("starttls", ns::tls)) start_tls();
    if (iq.namespace_id() == ns::sm.id) {
      if (iq.name() != "resume") {
        write(management_failed(StanzaError::unexpected_request()));
        continue;
      }
      Session* const session = co_await resume(iq);
      if (session != nullptr) co_return session;
      continue;
    }
    if (!iq.is("iq", ns::client)) throw StreamError::not_authorized("bind a resource first");
    const auto id_text = iq.attr("id");
    const auto type = iq.attr("type");
    const std::string id = id_text ? id_text->str() : std::string{};
    const auto wish = iq.child("bind", ns::bind);
    if (!wish) throw StreamError::not_authorized("bind a resource first");
    if (!type || *type != "set" || id.empty()) {
      refuse_iq(id, StanzaError::bad_request());
      continue;
    }
    const auto resource = wish->child("resource", ns::bind);
    std::string name = resource ? resource->text() : std::string{};
    if (name.empty()) name = random_token(80);
    auto full = user_.with_resource(name);
    if (!full) {
      refuse_iq(id, StanzaError::bad_request("no such name can be a resource"));
      continue;
    }
    host_->counts->hooks.user_open_session.add();
    const bool allowed = co_await may_have(*full);
    if (!allowed) {
      host_->counts->hooks.forbidden_session.add();
      refuse_iq(id, StanzaError::not_allowed("this account may not log in here"));
      continue;
    }
    const auto most = host_->access->number("max_user_sessions", *full);
    make_room(hall(), *full, static_cast<std::uint32_t>(std::max<std::int64_t>(1, most.value_or(usual_most_sessions))));
    write(xml::Builder("iq")
              .attr("type", "result")
              .attr("id", id)
              .child(xml::Builder("bind", ns::bind).child(xml::Builder("jid").text(full->text())))
              .str(),
          ElementKind::iq);
    co_return &hall().sessions.open(*full, *host_, stream_);
  }
  throw StreamError::policy_violation("too many attempts to bind");
}

// Whether somebody who has logged in may have a session of this name here. The account may have been removed or banned
// meanwhile.
Task<bool> Negotiation::may_have(Jid full) {
  const Standing standing = anonymous_ ? Standing::open : co_await host_->accounts.standing(user_);
  if (is_gone()) throw Gone{};
  if (standing == Standing::no_such_account || arrival_->is_void()) throw no_such_account_any_more();
  if (standing == Standing::banned) throw StreamError::not_authorized("this account is disabled");
  if (hall().host_of(host_->name) == nullptr) throw StreamError::host_gone();
  co_return host_->access->allows(stream_.options_.access, full);
}

void Negotiation::refuse_iq(std::string_view id, const StanzaError& error) {
  std::string content;
  error.append_to(content);
  write(xml::Builder("iq").attr("type", "error").attr("id", id).raw(content).str(), ElementKind::iq_error);
}

}  // namespace meerkat
