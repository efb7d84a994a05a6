// SPDX-License-Identifier: Apache-2.0
// RFC 6120 §4-§7 as it is read: a stream is opened, secured, authenticated, opened again and bound. A coroutine that
// ends once the resource is bound; its memory goes with it.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/arrivals.h"
#include "core/session.h"
#include "core/traffic.h"
#include "runtime/task.h"
#include "streams/c2s_options.h"
#include "xml/parser.h"
#include "xml/splitter.h"
#include "xmpp/scram.h"

namespace meerkat {

class C2sStream;
class Hall;

// Belongs to one stream. One piece of the stream at a time: the next is scanned when it is asked for, so the limits and
// the state that hold at that moment apply to it.
class Negotiation {
 public:
  explicit Negotiation(C2sStream& stream);
  ~Negotiation();
  Negotiation(const Negotiation&) = delete;
  Negotiation& operator=(const Negotiation&) = delete;

  // The bound session; null when the stream was closed before it came to that.
  Task<Session*> run();
  // Whether that session was there before (XEP-0198 §5).
  bool has_resumed() const { return resumed_; }
  // By SASL ANONYMOUS: the account is nobody else's, and ends with its session.
  bool is_anonymous() const { return anonymous_; }
  // That of the stream's header, when it has come.
  const HostType* host() const { return host_; }
  // What came in after the last piece that was taken.
  std::string leftover() { return std::move(unread_); }

  void feed(std::string_view bytes);
  // The connection ended, or is being closed: whoever waits for a piece learns of it.
  void peer_gone();
  // Time for the next step, but not beyond what is left until the login; `more` when the client is made to wait.
  void give_time(std::chrono::milliseconds more = {});
  // The stream is about to end for that.
  void time_is_up() const;
  // About how much memory it holds with all that waits for it, in bytes.
  std::size_t weight() const;
  // Opens our side of the stream; `to` as the client named itself, if it did.
  void send_header(std::string_view to);

 private:
  // Thrown to leave the coroutine when there is nobody left to talk to.
  struct Gone {};
  friend class SaslExchange;

  class NextPiece {
   public:
    explicit NextPiece(Negotiation& negotiation) : negotiation_(negotiation) {}
    bool await_ready() { return negotiation_.is_gone() || negotiation_.take_piece(); }
    void await_suspend(std::coroutine_handle<> waiting) { negotiation_.wait(waiting); }
    void await_resume() const { negotiation_.check_piece(); }

   private:
    Negotiation& negotiation_;
  };

  NextPiece next() { return NextPiece{*this}; }
  Task<xml::Element> next_element();
  bool take_piece();
  void wait(std::coroutine_handle<> waiting);
  void let_go_of_piece();
  void check_piece();
  bool is_gone() const;

  Task<Session*> negotiate();
  Task<> open();
  void read_header(const xml::Element& header);
  void send_features();
  Task<> secure_and_authenticate();
  void start_tls();
  Task<> log_in(const xml::Element& auth);
  Task<> answer_stranger();
  void refuse_when_tight() const;
  SteadyTime now() const;
  Task<> move_home();
  void arrive();
  Task<Session*> bind();
  Task<bool> may_have(Jid full);
  Task<Session*> resume(const xml::Element& request);
  Task<> refuse_resumption(const std::string& id);
  void take_over(Session& session);
  static StreamError no_such_account_any_more() {
    return StreamError::not_authorized("there is no such account any more");
  }
  void refuse_iq(std::string_view id, const StanzaError& error);
  void restart();
  const xml::Limits& limits() const;
  void write(std::string_view element, ElementKind kind = ElementKind::other);
  bool is_secured() const;
  bool may_authenticate() const;
  Hall& hall() const;

  C2sStream& stream_;
  std::coroutine_handle<> waiting_;
  std::string unread_;       // bytes that have come and were not taken
  std::size_t scanned_ = 0;  // of them, by the splitter
  std::string piece_;        // the piece that was taken last
  xml::Splitter::Piece found_{};
  xml::Parser parser_;
  xml::Index index_;
  HostType* host_ = nullptr;
  std::string header_name_;  // the qualified name of the client's opening tag
  std::size_t header_size_ = 0;
  Jid claimed_from_;                        // `from` of the client's header
  bool anonymous_ = false;                  // by SASL ANONYMOUS: there is no such account
  Jid user_;                                // once authenticated
  std::optional<Arrivals::Place> arrival_;  // at home
  ChannelBinding binding_;
  std::vector<SaslMechanism> offered_;
  std::uint64_t login_ = 0;  // its number at home (C2sService::logins)
  bool resumed_ = false;
  bool opened_ = false;      // the header of the current stream has come
  bool exchanging_ = false;  // SASL is under way
  int failed_attempts_ = 0;
  int failed_guesses_ = 0;
  int questions_ = 0;
  SteadyTime until_;               // when it has to be logged in
  std::uint64_t bytes_taken_ = 0;  // before the login
};

}  // namespace meerkat
