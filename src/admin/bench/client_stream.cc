// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/client_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "admin/bench/client_login.h"
#include "xml/writer.h"

namespace meerkat::bench {
namespace {

using namespace std::chrono_literals;

// A login that takes longer has failed.
constexpr auto longest_login = 60s;
constexpr xml::Limits limits{.bytes = 4 * 1024 * 1024};

}  // namespace

ClientStream::ClientStream(ClientKit& kit, std::uint32_t number) : kit_(kit), number_(number) {}

ClientStream::~ClientStream() = default;

void ClientStream::begin(ClientTask task) {
  splitter_ = xml::Splitter{};
  if (task != ClientTask::resume) {
    resource_.reset();
    management_.reset();
    if (kit_.options.manages_stream && task == ClientTask::log_in)
      management_ = std::make_unique<ClientManagement>(kit_.options.ask_every);
  }
  login_ = std::make_unique<Login>(task, kit_.worker.clock().steady());
  login_->deadline.set(
      kit_.worker.timers(), longest_login,
      [](void* self) { static_cast<ClientStream*>(self)->fail("no answer within a minute"); }, this);
  const int descriptor = open_socket();
  if (descriptor < 0) return fail(std::string{"no connection: "} + std::strerror(errno));
  ConnectionUser& user = *this;
  connection_ = std::make_unique<Connection>(descriptor, user);
  try {
    connection_->settle(kit_.worker);
  } catch (const std::system_error& refused) {
    return fail(std::string{"no connection: "} + refused.what());
  }
  if (kit_.options.tls != TlsUse::direct) return open_stream();
  step_ = Step::tls_handshake;
  connection_->start_tls_as_client(kit_.tls, kit_.options.domain);
}

// Non-blocking, on its way to the server; or -1 and errno.
int ClientStream::open_socket() const {
  const ServerAddress& server = kit_.server;
  const int descriptor = ::socket(server.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  const int yes = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (const auto source = server.source_for(number_)) {
    // The port is chosen when connecting, so that every source address has all ports for itself.
    ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    // Without it, all come from one address.
    [[maybe_unused]] const int bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&*source), sizeof *source);
  }
  if (::connect(descriptor, server.address(), server.size()) == 0 || errno == EINPROGRESS) return descriptor;
  const int why = errno;
  ::close(descriptor);
  errno = why;
  return -1;
}

void ClientStream::open_stream() {
  step_ = Step::features;
  splitter_.restart();
  std::string& out = connection_->out();
  out += "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
  xml::write_attribute(out, "to", kit_.options.domain);
  out += " version='1.0'>";
}

void ClientStream::secured() noexcept {
  login_->secure = true;
  open_stream();
}

void ClientStream::received(std::string_view bytes) noexcept {
  while (!bytes.empty() && connection_ != nullptr && step_ != Step::leaving) {
    const xml::Splitter::Piece piece = splitter_.next(bytes, limits);
    if (piece.found == xml::Splitter::Found::problem)
      return fail("the server's XML is broken: " + std::string{xml::describe(piece.problem)});
    const std::string_view eaten = bytes.substr(0, piece.consumed);
    bytes.remove_prefix(piece.consumed);
    if (piece.found == xml::Splitter::Found::more) {
      if (!partial_) partial_ = kit_.worker.buffers().borrow();
      partial_->append(eaten);
      return;
    }
    std::unique_ptr<std::string> begun = std::move(partial_);
    if (begun) begun->append(eaten);
    const bool goes_on = piece_came(piece.found, begun ? std::string_view{*begun} : eaten);
    if (begun) kit_.worker.buffers().give_back(std::move(begun));
    if (!goes_on) return;
  }
}

// False when the rest of the bytes has no meaning: the stream was restarted, or is over.
bool ClientStream::piece_came(xml::Splitter::Found what, std::string_view piece) {
  switch (what) {
    case xml::Splitter::Found::element: {
      const auto index = kit_.parser.parse(piece, xml::StreamScope::client(), limits);
      if (index) return element_came(xml::Element{*index});
      fail("the server's XML is broken: " + std::string{xml::describe(index.error())});
      return false;
    }
    case xml::Splitter::Found::close:
      fail("the server closed the stream");
      return false;
    default:
      return true;
  }
}

bool ClientStream::element_came(const xml::Element& element) {
  if (management_ && management_->counts() && step_ >= Step::asking_for_roster) {
    const auto taken = management_->takes(element, out());
    if (!taken) fail(taken.error());
    if (!taken || *taken) return taken.has_value();
  }
  if (step_ == Step::online) {
    if (!element.is("error", ns::streams)) {
      kit_.owner.heard(*this, element);
      return true;
    }
  }
  if (element.is("error", ns::streams)) {
    const auto condition = element.first_child();
    fail("stream error " + (condition ? std::string{condition->name()} : "without a condition"));
    return false;
  }
  const Step before = step_;
  switch (step_) {
    case Step::features:
      features_came(element);
      break;
    case Step::starting_tls:
      tls_may_start(element);
      return false;
    case Step::sasl:
      sasl_came(element);
      return step_ == before;
    case Step::registering:
      registered(element);
      break;
    case Step::binding:
      bound(element);
      break;
    case Step::opening_session:
      session_opened(element);
      break;
    case Step::enabling_management:
      management_enabled(element);
      break;
    case Step::resuming:
      resumed(element);
      break;
    case Step::asking_for_roster:
      roster_came(element);
      break;
    case Step::waiting_for_presence:
      presence_came(element);
      break;
    default:
      break;
  }
  return true;
}

void ClientStream::ended(ConnectionEnd why) noexcept {
  if (step_ == Step::leaving) return close_now();
  switch (why) {
    case ConnectionEnd::closed_by_peer:
      return fail("the server closed the connection");
    case ConnectionEnd::reset:
      return fail("the connection was refused or reset");
    case ConnectionEnd::tls_failed:
      return fail("TLS failed: " + connection_->tls_failure());
  }
}

void ClientStream::done() {
  const auto took = kit_.worker.clock().steady() - login_->began;
  login_.reset();
  step_ = Step::online;
  kit_.owner.succeeded(*this, took);
}

void ClientStream::fail(std::string why) {
  why = user() + ": " + doing() + ": " + why;
  const bool was_online = online();
  close_now();
  if (was_online) return kit_.owner.lost(*this, std::move(why));
  kit_.owner.failed(*this, std::move(why));
}

void ClientStream::leave() {
  if (gone()) return;
  if (step_ == Step::online) connection_->write("</stream:stream>");
  login_.reset();
  step_ = Step::leaving;
  connection_->finish();
}

void ClientStream::drop() {
  if (!gone()) close_now();
}

void ClientStream::cut() {
  if (gone()) return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(connection_->descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close_now();
}

void ClientStream::close_now() {
  step_ = Step::away;
  login_.reset();
  partial_.reset();
  if (!connection_) return;
  connection_->abort();
  kit_.worker.bury(std::move(connection_));
}

std::string ClientStream::doing() const {
  switch (step_) {
    case Step::features:
      return login_->authenticated ? "new stream" : "opening the stream";
    case Step::starting_tls:
    case Step::tls_handshake:
      return "TLS";
    case Step::sasl:
      return "authentication";
    case Step::registering:
      return "registration";
    case Step::binding:
      return "binding";
    case Step::opening_session:
      return "session";
    case Step::enabling_management:
      return "stream management";
    case Step::resuming:
      return "resumption";
    case Step::asking_for_roster:
      return "roster";
    case Step::waiting_for_presence:
      return "presence";
    case Step::online:
      return "online";
    default:
      return "connecting";
  }
}

void ClientStream::append_user(std::string& to) const {
  char digits[12];
  to += kit_.options.user_prefix;
  to.append(digits, std::to_chars(digits, digits + sizeof digits, number_).ptr);
}

std::string ClientStream::user() const {
  std::string name;
  append_user(name);
  return name;
}

void ClientStream::append_bare_address(std::string& to) const {
  append_user(to);
  to += '@';
  to += kit_.options.domain;
}

void ClientStream::append_address(std::string& to) const {
  append_bare_address(to);
  if (kit_.options.to == AddressAs::bare) return;
  to += '/';
  if (resource_)
    to += *resource_;
  else
    to += resource_wanted;
}

}  // namespace meerkat::bench
