// SPDX-License-Identifier: Apache-2.0
// RFC 6120: the stream of one client, from its first byte to its last.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/limits/limits.h"
#include "core/session.h"
#include "core/traffic.h"
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
  C2sStream(int descriptor, C2sService& service, const C2sOptions& options, std::unique_ptr<Guest> guest);
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
  void leaving() noexcept override;
  void sent(std::size_t bytes) noexcept override;
  void flushed() noexcept override;
  void shaking_hands() noexcept override { weigh(); }
  void secured() noexcept override { weigh(); }
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
  void hand_over() override;
  StreamFacts facts() const override;

  // Its elements, counted.
  const ElementTraffic& traffic() const;
  DataTraffic::Secured secured_now() const;
  void write_other(std::string_view element);

  // The bytes of established streams.
  void take(std::string_view bytes);
  void serve(std::string_view bytes);
  void serve_bytes(std::string_view bytes);
  void serve_piece(xml::Splitter::Piece piece, std::string_view bytes);
  void serve_element(std::string_view bytes);
  void serve_management(const xml::Element& element);
  void enable_management(const xml::Element& enable);
  void acknowledged(const xml::Element& a);
  bool is_from_here(const xml::Element& stanza) const;
  bool is_known_nonza(const xml::Element& element);
  std::optional<Stanza> envelope_of(const xml::Index& index, std::size_t size);
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
  enum class Begins : std::uint8_t { anew, resumed };
  void established(Session& session, Begins how);
  void fail(xml::Problem problem);
  void close();
  void say_goodbye();
  std::size_t most_unread() const;
  // Closes at once, without a word.
  void drop();
  void leave_session();
  void lose_client();
  void count_end(ConnectionEnd why) const;
  void say_what_was_handled();
  bool has_session() const { return session_ != nullptr && !left_session_; }
  // 0 or less: no timer.
  template <auto What>
  void set_timer(std::chrono::milliseconds after);
  // The clock of a peer that has not said who it is, or that was told goodbye. 0: no clock (RFC 6120 §4.6).
  void give_time(std::chrono::milliseconds time);
  void time_is_up();
  void bury_if_done();
  // How much a stranger holds has changed. Those who hold much are kept apart, because there may be few of them.
  void weigh();
  // It has said who it is.
  void is_known();
  const PeerAddress& peer() const { return guest_->peer(); }

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
  std::unique_ptr<Guest> guest_;
  C2sStream* previous_ = nullptr;  // in its line of the service: the newer one
  C2sStream* next_ = nullptr;
  xml::Splitter splitter_;
  // The line of the service where it stands.
  enum class Line : std::uint8_t { strangers, heavy_strangers, users };
  Line line_ = Line::strangers;
  bool was_paused_ = false;  // what is read next may be older than what was written last
  bool header_sent_ : 1 = false;
  bool handler_waits_ : 1 = false;
  bool answer_waits_ : 1 = false;
  bool held_ : 1 = false;
  bool too_slow_ : 1 = false;
  bool left_session_ : 1 = false;
  bool anonymous_ : 1 = false;  // there is no such account
  bool closing_ : 1 = false;
  bool gone_ : 1 = false;
  std::uint32_t weight_ = 0;  // in bytes, as its line counts it
};

static_assert(sizeof(C2sStream) <= 328, "an idle session costs at most 1.5 KB in all");

}  // namespace meerkat
