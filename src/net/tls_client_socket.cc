// SPDX-License-Identifier: Apache-2.0
// The part of a ClientSocket that sees OpenSSL.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <stdexcept>
#include <system_error>

#include "net/client_socket.h"
#include "net/tls_error.h"

namespace meerkat {
namespace {

// What OpenSSL waits for; throws when it waits for nothing.
short wanted(ssl_st* tls, int result, const char* what) {
  const int system_error = errno;
  switch (SSL_get_error(tls, result)) {
    case SSL_ERROR_WANT_READ:
      return POLLIN;
    case SSL_ERROR_WANT_WRITE:
      return POLLOUT;
    case SSL_ERROR_SYSCALL:
      throw std::runtime_error{std::string{what} + ": " +
                               (system_error != 0 ? std::generic_category().message(system_error)
                                                  : std::string{"the server closed the connection"})};
    default:
      break;
  }
  std::string words = take_tls_error();
  if (const long verdict = SSL_get_verify_result(tls); verdict != X509_V_OK)
    words = std::string{"the server's certificate is refused: "} + X509_verify_cert_error_string(verdict);
  throw std::runtime_error{std::string{what} + ": " + words};
}

int at_most_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

void ClientSocket::begin_tls(const std::string& name) {
  tls_.reset(SSL_new(context_->native()));
  if (!tls_ || SSL_set_fd(tls_.get(), descriptor_) != 1) throw std::runtime_error{"TLS: " + take_tls_error()};
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (name.empty()) return;
  SSL_set_tlsext_host_name(tls_.get(), name.c_str());
  X509_VERIFY_PARAM* const rules = SSL_get0_param(tls_.get());
  // An address is a name of another kind in a certificate, and is never asked for by SNI (RFC 6066 §3).
  if (X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1)
    SSL_set_tlsext_host_name(tls_.get(), nullptr);
  else if (SSL_set1_host(tls_.get(), name.c_str()) != 1)
    throw std::runtime_error{"TLS: " + take_tls_error()};
}

void ClientSocket::end_tls() noexcept {
  if (tls_) SSL_shutdown(tls_.get());
  ERR_clear_error();
  tls_.reset();
  context_.reset();
}

short ClientSocket::handshake() {
  errno = 0;
  const int result = SSL_connect(tls_.get());
  return result == 1 ? short{0} : wanted(tls_.get(), result, "TLS handshake");
}

short ClientSocket::tls_write(std::string_view bytes, std::size_t& count) {
  errno = 0;
  const int result = SSL_write(tls_.get(), bytes.data(), at_most_int(bytes.size()));
  if (result <= 0) return wanted(tls_.get(), result, "write");
  count = static_cast<std::size_t>(result);
  return 0;
}

short ClientSocket::tls_read(std::span<char> into, std::size_t& count, bool& ended) {
  errno = 0;
  const int result = SSL_read(tls_.get(), into.data(), at_most_int(into.size()));
  if (result > 0) {
    count = static_cast<std::size_t>(result);
    return 0;
  }
  ended = SSL_get_error(tls_.get(), result) == SSL_ERROR_ZERO_RETURN;
  return ended ? short{0} : wanted(tls_.get(), result, "read");
}

}  // namespace meerkat
