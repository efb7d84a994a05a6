// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §8, §10: the stanzas of an established stream, from bytes to the router. The hot path of the house.
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/metrics/registry.h"
#include "core/events/routing_events.h"
#include "core/events/stream_events.h"
#include "core/hall.h"
#include "core/host_counts.h"
#include "core/stream_management.h"
#include "streams/c2s_service.h"
#include "streams/c2s_stream.h"
#include "streams/forged_stamps.h"
#include "streams/rationing.h"
#include "streams/stream_problems.h"
#include "xml/writer.h"

namespace meerkat {
namespace {

std::optional<StanzaKind> kind_of(const xml::Element& root) {
  if (root.namespace_id() != ns::client.id) return std::nullopt;
  const std::string_view name = root.name();
  if (name == "message") return StanzaKind::message;
  if (name == "presence") return StanzaKind::presence;
  if (name == "iq") return StanzaKind::iq;
  return std::nullopt;
}

ElementKind counted_as(const xml::Element& root, std::optional<StanzaKind> kind, std::optional<StanzaType> type) {
  if (!kind) return element_kind(root);
  return element_kind(*kind, type == StanzaType::error ? Whether::error : Whether::fine);
}

// How long messages take; the time of others is not asked for.
template <class Event>
class Processing {
 public:
  explicit Processing(const Session& sender) {
    if constexpr (counts) began_ = sender.host.hall.worker.clock().steady();
  }
  void ends(const HostType& host) const {
    if constexpr (counts) {
      const auto took = host.hall.worker.clock().steady() - began_;
      host.counts->message_processed.record(took);
      if (metrics::SlowEvents& slow = host.hall.metrics.slow_events(); slow.is_worth(took)) [[unlikely]]
        slow.note({.took = took, .what = "stanza", .detail = "message", .host_type = host.name});
    }
  }

 private:
  static constexpr bool counts = std::is_same_v<Event, UserSendsMessage>;
  SteadyTime began_;
};

// Rewritten so that it stands alone, for the few clients that use prefixes of their stream header.
Stanza standing_alone(Stanza envelope, const xml::Element& root, std::string_view lang) {
  std::string text;
  xml::reserialize(text, root, ns::client.uri);
  xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits::none());
  if (!index) throw StreamError::not_well_formed();
  envelope.body = BodyRef::copy_of(*index, lang);
  return envelope;
}

}  // namespace

void C2sStream::serve_bytes(std::string_view bytes) {
  while (!bytes.empty() && !closing_) {
    if (must_wait()) return keep_unread(bytes);
    const xml::Splitter::Piece piece = splitter_.next(bytes, options_.limits);
    const std::string_view fresh = bytes.substr(0, piece.consumed);
    bytes.remove_prefix(piece.consumed);
    if (!partial_ && piece.found != xml::Splitter::Found::more) {
      serve_piece(piece, fresh);
      continue;
    }
    if (!partial_) partial_ = std::make_unique<std::string>();
    partial_->append(fresh);
    if (piece.found == xml::Splitter::Found::more) return refuse_second_header(*partial_);
    const std::unique_ptr<std::string> whole = std::move(partial_);
    serve_piece(piece, *whole);
  }
}

void C2sStream::serve_piece(xml::Splitter::Piece piece, std::string_view bytes) {
  using enum xml::Splitter::Found;
  switch (piece.found) {
    case element:
      return serve_element(bytes);
    case close:
      if (xml::Parser::check_close(bytes, "stream:stream") != xml::Problem::none) throw StreamError::not_well_formed();
      return this->close();
    case problem:
      return fail(piece.problem);
    case declaration:
      return fail(xml::Problem::restricted_xml);
    case open:
    case space:
    case more:
      return;
  }
}

void C2sStream::fail(xml::Problem problem) { throw stream_error_of(problem); }

void C2sStream::serve_element(std::string_view bytes) {
  Hall& hall = service_->hall;
  auto index = hall.parser.parse(bytes, scope(), options_.limits);
  if (!index) return fail(index.error());
  if (session_->traced) [[unlikely]]
    hall.traces.came(*session_, bytes);
  std::string honest;
  if (const xml::Element said{*index}; has_forged_stamp(said, session_->jid, hall)) {
    honest = without_forged_stamps(said, session_->jid, hall);
    index = hall.parser.parse(honest, scope(), options_.limits);
    if (!index) return fail(index.error());
  }
  auto stanza = envelope_of(*index, bytes.size());
  if (stanza) send_onwards(std::move(*stanza));
}

// RFC 6120 §8.1.2.1: a client may name its own full or bare address, and nobody else's.
bool C2sStream::is_from_here(const xml::Element& stanza) const {
  const auto from = stanza.attr("from");
  if (!from || *from == session_->jid.text() || *from == session_->jid.bare_text()) return true;
  const auto jid = Jid::parse(from->str());
  return jid && (*jid == session_->jid || *jid == session_->account->bare);
}

bool C2sStream::is_known_nonza(const xml::Element& element) {
  ClientSendsNonza event{session_->host, *session_, element};
  Answer<Verdict> answer = session_->host.run(event);
  check(answer.at_hand(), "what is no stanza is dealt with at once");
  return !answer.value().goes_on();
}

// Checks the envelope; nothing when the client has got an error instead.
std::optional<Stanza> C2sStream::envelope_of(const xml::Index& index, std::size_t size) {
  const xml::Element root{index};
  const auto kind = kind_of(root);
  const auto type = root.attr("type");
  std::string storage;
  const auto known = kind && type ? stanza_type(*kind, type->view(storage)) : std::nullopt;
  traffic().in.add(counted_as(root, kind, known), size);
  if (root.is("error", ns::streams)) return close(), std::nullopt;
  if (!kind) session_->host.counts->hooks.user_send_xmlel.add();
  if (!kind && root.namespace_id() == ns::sm.id) return serve_management(root), std::nullopt;
  if (!kind) {
    if (!is_known_nonza(root)) throw StreamError::unsupported_stanza_type();
    return std::nullopt;
  }
  if (!is_from_here(root)) throw StreamError::invalid_from();
  if (session_->management) session_->management->handles_one();

  Stanza stanza{.kind = *kind, .from = session_->jid};
  const std::string_view lang = language_ ? std::string_view{*language_} : std::string_view{};
  std::optional<StanzaError> refused;

  if (known)
    stanza.type = *known;
  else if (*kind == StanzaKind::presence)
    stanza.type = StanzaType::available;
  if (*kind == StanzaKind::iq) {
    const auto id = root.attr("id");
    if (!known || !id || id->empty()) refused = StanzaError::bad_request("an iq has a type and an id");
  } else if (*kind == StanzaKind::presence && type && !known) {
    refused = StanzaError::bad_request("no such type of presence");
  }

  const auto to = root.attr("to");
  if (to && last_to_ && *to == last_to_.text()) {
    stanza.to = last_to_;
  } else if (to) {
    auto jid = Jid::parse(to->view(storage));
    if (jid)
      stanza.to = last_to_ = std::move(*jid);
    else
      refused = StanzaError::jid_malformed();
  }

  if (spliceable(index, scope()))
    stanza.body = BodyRef::copy_of(index, lang);
  else
    stanza = standing_alone(std::move(stanza), root, lang);
  // RFC 6120 §8.2.3: a get or a set contains exactly one child.
  if (!refused && (stanza.type == StanzaType::get || stanza.type == StanzaType::set)) {
    const auto children = stanza.element().children();
    if (std::ranges::distance(children.begin(), children.end()) != 1)
      refused = StanzaError::bad_request("a get or a set has exactly one child");
  }
  if (!refused) return stanza;
  // An iq whose type nobody knows is answered as if it had asked for something.
  if (*kind == StanzaKind::iq && !known) stanza.type = StanzaType::get;
  if (!stanza.to) stanza.to = session_->account->bare;
  service_->hall.router.refuse(stanza, *refused);
  return std::nullopt;
}

void C2sStream::send_onwards(Stanza stanza) {
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
void C2sStream::ask_and_route(Stanza stanza) {
  Hall& hall = service_->hall;
  const HostType& host = session_->host;
  const HookChain<Event>& chain = session_->host.hooks.template chain<Event>();
  const Processing<Event> processing{*session_};
  if (chain.empty()) {
    hall.router.route_from(*session_, std::move(stanza));
    return processing.ends(host);
  }

  DeparturePtr<Event> departure = service_->departures.make<Event>(session_->host, *session_, std::move(stanza));
  Answer<Verdict> answer = chain.run(departure->event);
  const auto go_on = [](C2sStream& self, Departure<Event>& asked, const Verdict& verdict) {
    Router& router = self.service_->hall.router;
    // What was taken from a client goes its way, though the client has gone; its presence has been ended already.
    const bool is_over = self.session_->account == nullptr;
    if (verdict.goes_on() && is_over) return router.route_for_gone(std::move(asked.context.stanza));
    if (verdict.goes_on()) return router.route_from(*self.session_, std::move(asked.context.stanza));
    if (verdict.error() != nullptr) router.refuse(asked.context.stanza, *verdict.error());
  };
  if (answer.at_hand()) {
    go_on(*this, *departure, answer.value());
    return processing.ends(host);
  }

  // The next stanza is taken when this one has its verdict: order is kept, and only this sender waits.
  handler_waits_ = true;
  if (session_->management) ++session_->management->in_hand;
  was_paused_ = true;
  connection_.pause_reading();
  scope_of_work_.spawn([](C2sStream& self, DeparturePtr<Event> asked, Task<Verdict> waiting, auto then,
                          Processing<Event> processed) -> Task<> {
    const Verdict verdict = co_await waiting;
    try {
      then(self, *asked, verdict);
      processed.ends(asked->context.host);
    } catch (const std::exception& failure) {
      log_error("stream_failed", {{"error", failure.what()}});
      self.end_with(StreamError::internal_server_error());
    }
    self.handler_waits_ = false;
    if (self.session_->management) --self.session_->management->in_hand;
    self.go_on_reading();
  }(*this, std::move(departure), answer.take_task(), go_on, processing));
}

void C2sStream::keep_unread(std::string_view bytes) {
  if (!unread_) unread_ = std::make_unique<std::string>();
  unread_->append(bytes);
}

void C2sStream::go_on_reading() {
  if (closing_ || must_wait()) return;
  if (unread_) {
    const std::unique_ptr<std::string> waiting = std::move(unread_);
    serve(*waiting);
  }
  read_if_nothing_hinders();
}

bool C2sStream::is_rationed() const { return rationing_ && rationing_->timer.is_set(); }

void C2sStream::read_if_nothing_hinders() {
  if (closing_ || must_wait() || held_ || is_rationed()) return;
  // What came during the pause is older than what was written during it; what comes from now on is not.
  was_paused_ = was_paused_ && connection_.has_unread();
  connection_.resume_reading();
}

void C2sStream::wait_for_answer() {
  answer_waits_ = true;
  was_paused_ = true;
  connection_.pause_reading();
}

void C2sStream::go_on() {
  if (!answer_waits_) return;
  answer_waits_ = false;
  go_on_reading();
}

// Counts what came, and lets the client wait when it was more than its share.
void C2sStream::ration(std::size_t bytes) {
  // What the kernel may still hold is older than what is written from now on.
  if (bytes >= connection_.most_per_read() / 2) was_paused_ = true;
  const auto pause = rationing_->take(bytes);
  connection_.read_at_most(rationing_->at_most().value_or(Connection::any_number));
  if (pause.count() <= 0) return;
  was_paused_ = true;
  connection_.pause_reading();
  rationing_->timer.set(
      service_->hall.worker.timers(), pause, [](void* self) { static_cast<C2sStream*>(self)->rationed_long_enough(); },
      this);
}

void C2sStream::rationed_long_enough() {
  if (closing_) return;
  ration(0);  // others of the account may have been faster
  read_if_nothing_hinders();
}

}  // namespace meerkat
