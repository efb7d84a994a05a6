// SPDX-License-Identifier: Apache-2.0
// XEP-0198 on an established stream: it is enabled, and both sides say how much they have handled.
#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "base/random.h"
#include "core/detached_session.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/session_end.h"
#include "core/stream_management.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/stream_management.h"
#include "xml/builder.h"

namespace meerkat {
namespace {

// Nobody guesses it: XEP-0198 §5 lets whoever knows it, and the password, have the session.
constexpr std::size_t bits_of_id = 168;

// What the client would like, and what it gets at most; it may not want less than a second.
std::chrono::seconds resume_within(const xml::Element& enable, std::chrono::seconds most) {
  const auto wish = enable.attr("max");
  if (!wish) return most;
  const std::string text = wish->str();
  std::int64_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || rest != text.data() + text.size() || seconds <= 0) return most;
  return std::min(std::chrono::seconds{seconds}, most);
}

}  // namespace

void C2sStream::serve_management(const xml::Element& element) {
  if (element.name() == "r") {
    say_what_was_handled();
  } else if (element.name() == "a") {
    if (session_->management) acknowledged(element);
  } else if (element.name() == "enable") {
    enable_management(element);
  } else if (element.name() == "resume") {
    write_other(management_failed(StanzaError::unexpected_request()));
  } else {
    throw StreamError::unsupported_stanza_type();
  }
}

// §4.
void C2sStream::acknowledged(const xml::Element& a) {
  const auto handled = handled_count(a);
  if (!handled) throw StreamError::policy_violation("Invalid h attribute");
  StreamManagement& management = *session_->management;
  if (!management.acknowledged(*handled)) throw handled_count_too_high(*handled, management.sent_count());
  if (!management.keeps()) session_->in_flight.handled(*handled);
  if (session_->held) service_->hall.router.caught_up(*session_);
}

// §3.
void C2sStream::enable_management(const xml::Element& enable) {
  const auto& offer = session_->host.stream_management;
  if (session_->management) {
    write_other(management_failed(StanzaError::unexpected_request()));
    throw StreamError::policy_violation("Stream management is enabled once");
  }
  if (!offer) {
    write_other(management_failed(StanzaError::feature_not_implemented()));
    return;
  }
  const auto resume = wants_to_resume(enable);
  if (!resume) {
    write_other(management_failed(StanzaError::unexpected_request()));
    throw StreamError::policy_violation("resume is true or false");
  }
  // Who has no account can never prove to be the same.
  const bool resumable = *resume && !anonymous_;
  const std::chrono::seconds within =
      resumable ? resume_within(enable, offer->resume_timeout) : std::chrono::seconds{0};
  std::string id = resumable ? random_token(bits_of_id) : std::string{};
  session_->management = std::make_unique<StreamManagement>(*session_, offer, std::move(id), within);
  session_->management->taken_after = service_->logins();
  xml::Builder enabled{"enabled", ns::sm};
  if (resumable)
    enabled.attr("id", session_->management->id()).attr("resume", "true").attr("max", std::to_string(within.count()));
  write_other(enabled.str());
}

// Bytes are about to leave: the last stanzas of a burst are asked for, too.
void C2sStream::leaving() noexcept {
  if (has_session() && session_->management && session_->management->asks_at_end())
    write_other(acknowledgement_request);
}

// The client learns how much of what it said was taken.
void C2sStream::say_what_was_handled() {
  if (!has_session() || !session_->management) return;
  std::string& out = connection_.out();
  const std::size_t before = out.size();
  append_acknowledgement(out, session_->management->handled());
  traffic().out.add(ElementKind::other, out.size() - before);
}

// The client is gone without a goodbye, and may come back (§5).
void C2sStream::lose_client() {
  if (!has_session()) return;
  const StreamManagement* const management = session_->management.get();
  if (management == nullptr || !management->resumable()) return leave_session();
  left_session_ = true;
  DetachedSession::detach(*session_, management->resume_within());
}

void C2sStream::hand_over() {
  session_->host.counts->hooks.user_stop_request.add();
  left_session_ = true;
  end_with(StreamError::conflict("Resumed by new connection"));
}

}  // namespace meerkat
