// SPDX-License-Identifier: Apache-2.0
// One client: the initiating side of RFC 6120 (stream, TLS, SASL, binding, presence), of XEP-0077 and of XEP-0198, on
// our engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "admin/bench/client_management.h"
#include "admin/bench/options.h"
#include "admin/bench/scram_client.h"
#include "admin/bench/server_address.h"
#include "net/connection.h"
#include "xml/element.h"
#include "xml/parser.h"
#include "xml/splitter.h"

namespace meerkat::bench {

class ClientStream;

// `resume`: logs in and goes on with the session of before the cut (XEP-0198 §5).
enum class ClientTask : std::uint8_t { log_in, make_account, resume };

// Who is told how a client fares. Called on the client's worker.
class ClientOwner {
 public:
  // Logged in, or the account is made; `took` counts from the first connecting.
  virtual void succeeded(ClientStream& client, std::chrono::nanoseconds took) = 0;
  // Instead of `succeeded`: the account was there before.
  virtual void found_account(ClientStream& client) = 0;
  // Instead of `succeeded`; the client is closed.
  virtual void failed(ClientStream& client, std::string why) = 0;
  // It was online, and the server ended that.
  virtual void lost(ClientStream& client, std::string why) = 0;
  // A stanza for a client that is logged in, or is about to be: contacts' presence may be faster than one's own.
  virtual void heard(ClientStream& client, const xml::Element& stanza) = 0;

 protected:
  ~ClientOwner() = default;
};

// What the clients of one worker share.
struct ClientKit {
  const BenchOptions& options;
  const ServerAddress& server;
  Worker& worker;
  ClientOwner& owner;
  std::shared_ptr<const TlsContext> tls;
  DerivedKeys keys;
  xml::Parser parser;
};

// Lives on one worker, at one place in memory, for several logins if need be.
class ClientStream final : ConnectionUser {
 public:
  ClientStream(ClientKit& kit, std::uint32_t number);
  ~ClientStream();
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  void begin(ClientTask task);
  // Closes the stream, then the connection; the server may take its time.
  void leave();
  // Closes the connection at once.
  void drop();
  // The same with RST, and without a word; its session may be resumed.
  void cut();

  std::uint32_t number() const { return number_; }
  bool online() const { return step_ == Step::online; }
  bool gone() const { return connection_ == nullptr; }
  // When online: bytes that leave at the end of the turn.
  std::string& out() { return connection_->out(); }
  // Behind each stanza that was written to `out`.
  void sent_stanza() {
    if (management_) management_->sent(out());
  }
  // None unless the options ask for it.
  ClientManagement* management() { return management_.get(); }
  // The address at which others reach it, fit for an attribute.
  void append_address(std::string& to) const;
  void append_bare_address(std::string& to) const;

 private:
  enum class Step : std::uint8_t {
    away,
    features,
    starting_tls,
    tls_handshake,
    sasl,
    registering,
    binding,
    opening_session,
    enabling_management,
    resuming,
    asking_for_roster,
    waiting_for_presence,
    online,
    leaving,
  };
  struct Login;  // what is needed until the login is done

  void received(std::string_view bytes) noexcept override;
  void secured() noexcept override;
  void ended(ConnectionEnd why) noexcept override;

  int open_socket() const;
  void open_stream();
  bool piece_came(xml::Splitter::Found what, std::string_view piece);
  bool element_came(const xml::Element& element);
  void features_came(const xml::Element& features);
  void tls_may_start(const xml::Element& answer);
  void authenticate(const xml::Element& features);
  void sasl_came(const xml::Element& answer);
  void bind();
  void bound(const xml::Element& iq);
  void session_opened(const xml::Element& iq);
  void registered(const xml::Element& iq);
  void enable_management();
  void management_enabled(const xml::Element& answer);
  void resumed(const xml::Element& answer);
  void ask_for_roster();
  void roster_came(const xml::Element& iq);
  void greet();
  void presence_came(const xml::Element& presence);
  void done();
  void fail(std::string why);
  void close_now();
  void append_user(std::string& to) const;
  std::string user() const;
  std::string doing() const;

  ClientKit& kit_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Login> login_;
  std::unique_ptr<std::string> partial_;   // the beginning of a piece whose end has not come
  std::unique_ptr<std::string> resource_;  // escaped; when the server gave another than was asked for
  std::unique_ptr<ClientManagement> management_;
  xml::Splitter splitter_;
  std::uint32_t number_;
  Step step_ = Step::away;
};

static_assert(sizeof(ClientStream) <= 96, "many thousands of them are idle");

}  // namespace meerkat::bench
