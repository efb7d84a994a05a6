// SPDX-License-Identifier: Apache-2.0
// Test support: what a client of test_streams.h says, and what it hears. Included by it.
#pragma once

#include "streams/test_streams.h"

namespace meerkat {

inline constexpr std::string_view stream_header =
    "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

inline std::string plain_auth(std::string_view user, std::string_view password = "secret") {
  return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" +
         base64(std::string{'\0'} + std::string{user} + '\0' + std::string{password}) + "</auth>";
}
inline std::string bind_request(std::string_view resource = "phone") {
  return "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + std::string{resource} +
         "</resource></bind></iq>";
}
// All that a client says until it is bound.
inline std::string whole_login(std::string_view user, std::string_view resource = "phone") {
  return std::string{stream_header} + plain_auth(user) + std::string{stream_header} + bind_request(resource);
}
inline bool ends_with(std::string_view text, std::string_view part) { return text.ends_with(part); }

// A bare socket that is connected to the port of one worker.
class StreamClient {
 public:
  explicit StreamClient(StreamServer& server, std::size_t worker = 0)
      : server_(server), socket_(server.connect_to(worker)) {
    server_.turn();
  }
  ~StreamClient() { hangs_up(); }
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  // All of it is sent, and the server does what is to be done.
  void says(std::string_view bytes) { check(says_if_there_is_room(bytes) == bytes.size(), "the server reads"); }
  void says_byte_by_byte(std::string_view bytes) {
    for (const char byte : bytes) says({&byte, 1});
  }
  // How much the kernel and the server took.
  std::size_t says_if_there_is_room(std::string_view bytes) {
    std::size_t said = 0;
    for (int refused = 0; said < bytes.size() && refused < 2;) {
      const ssize_t sent = ::send(socket_, bytes.data() + said, bytes.size() - said, MSG_NOSIGNAL);
      if (sent > 0) said += static_cast<std::size_t>(sent);
      refused = sent > 0 ? 0 : refused + 1;
      server_.turn();
    }
    server_.turn();
    return said;
  }
  // All that came since it was last asked for.
  std::string heard() {
    std::string all;
    std::string part(64 * 1024, '\0');
    for (;;) {
      const ssize_t count = ::recv(socket_, part.data(), part.size(), 0);
      if (count <= 0) {
        at_end_ = at_end_ || count == 0 || (errno != EAGAIN && errno != EINTR);
        return all;
      }
      all.append(part, 0, static_cast<std::size_t>(count));
      server_.turn();
    }
  }
  bool hears(std::string_view part) { return contains(heard(), part); }
  // The server has closed its side; what it said before is dropped.
  bool is_at_end() {
    heard();
    return at_end_;
  }

  // An account is made, and everything is said at once.
  void logs_in(std::string_view user, std::string_view resource = "phone") {
    server_.add_account(user);
    says(whole_login(user, resource));
    check(hears("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>"), "a client of tests is bound");
  }
  // A reset when there are unread bytes, else the end.
  void hangs_up() {
    if (socket_ < 0) return;
    ::close(std::exchange(socket_, -1));
    server_.turn();
  }
  int socket() const { return socket_; }

 private:
  StreamServer& server_;
  int socket_;
  bool at_end_ = false;
};

}  // namespace meerkat
