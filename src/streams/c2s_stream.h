// SPDX-License-Identifier: Apache-2.0
// RFC 6120: the stream of one client, from its first byte to its last.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/session.h"
#include "net/connection.h"
#include "runtime/scope.h"
#include "streams/c2s_options.h"
#include "xml/splitter.h"
#include "xml/stream_scope.h"

namespace meerkat {

class C2sService;
class Negotiation;
class Rationing;

// Lives where its connection lives: on the worker that accepted it, and from authentication on at the account's home.
// It owns itself through its service, and is buried when the connection is closed and nothing of it waits any more.
// While a stream is established and idle it owns its connection, its scanning state and its session, no buffers.
class C2sStream final : ConnectionUser, SessionStream {
 public:
  C2sStream(int descriptor, C2sService& service, const C2sOptions& options);
  ~C2sStream();
  C2sStream(const C2sStream&) = delete;
  C2sStream& operator=(const C2sStream&) = delete;

  // Settles on the service's worker and begins to negotiate.
  void start();
  // The server goes down: system-shutdown, then the stream is closed.
  void shut_down();

 private:
  friend class C2sService;
  friend class Negotiation;
  friend class SaslExchange;

  // ConnectionUser
  void received(std::string_view bytes) noexcept override;
  void ended(ConnectionEnd why) noexcept override;
  void flushed() noexcept override;
  // SessionStream
  std::string& out() override { return connection_.out(); }
  std::size_t waiting() const override { return connection_.waiting(); }
  bool peer_has_all() const override { return connection_.peer_has_all(); }
  bool takes_more() override;
  void give_up() override;
  void end_with(const StreamError& error) override;
  void hold() override;
  void release() override;
  void wait_for_answer() override;
  void go_on() override;
  StreamFacts facts() const override;

  // The bytes of established streams.
  void serve(std::string_view bytes);
  void serve_bytes(std::string_view bytes);
  void serve_piece(xml::Splitter::Piece piece, std::string_view bytes);
  void serve_element(std::string_view bytes);
  bool is_from_here(const xml::Element& stanza) const;
  std::optional<Stanza> envelope_of(const xml::Index& index);
  void send_onwards(Stanza stanza);
  template <class Event>
  void ask_and_route(Stanza stanza);
  const xml::StreamScope& scope() const { return own_scope_ ? *own_scope_ : xml::StreamScope::client(); }
  void keep_unread(std::string_view bytes);
  void go_on_reading();
  // Whether what the client says next has to wait, though it was read.
  bool must_wait() const { return handler_waits_ || answer_waits_; }
  void read_if_nothing_hinders();
  bool is_rationed() const;
  void ration(std::size_t bytes);
  void rationed_long_enough();

  // How a stream becomes established, and how it ends.
  Task<> negotiate();
  void established(Session& session);
  void fail(xml::Problem problem);
  void close();
  void say_goodbye();
  void leave_session();
  Task<> tell_session_ends();
  bool has_session() const { return session_ != nullptr && !left_session_; }
  // 0 or less: no timer.
  template <auto What>
  void set_timer(std::chrono::milliseconds after);
  // The clock of a peer that has not said who it is, or that was told goodbye. 0: no clock (RFC 6120 §4.6).
  void give_time(std::chrono::milliseconds time);
  void time_is_up();
  void bury_if_done();

  Connection connection_;
  C2sService* service_;
  const C2sOptions& options_;
  Session* session_ = nullptr;
  std::unique_ptr<Negotiation> negotiation_;     // until established
  std::unique_ptr<std::string> partial_;         // the beginning of a piece, scanned
  std::unique_ptr<std::string> unread_;          // bytes that wait for a handler, not scanned
  std::unique_ptr<xml::StreamScope> own_scope_;  // what the header declared, when that was unusual
  std::unique_ptr<std::string> language_;        // when the header named one
  std::unique_ptr<Rationing> rationing_;         // where the listener names a shaper
  Jid last_to_;                                  // most stanzas go where the last one went
  Scope scope_of_work_{"c2s"};
  Timer timer_;
  C2sStream* previous_ = nullptr;  // in the service's list
  C2sStream* next_ = nullptr;
  xml::Splitter splitter_;
  bool header_sent_ = false;
  bool handler_waits_ : 1 = false;
  bool answer_waits_ : 1 = false;
  bool held_ = false;
  bool was_paused_ = false;  // what is read next may be older than what was written last
  bool too_slow_ = false;
  bool left_session_ = false;
  bool closing_ = false;
  bool gone_ = false;
};

static_assert(sizeof(C2sStream) <= 320, "an idle session costs at most 1.5 KB in all");

}  // namespace meerkat
