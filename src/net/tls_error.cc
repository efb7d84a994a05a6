// SPDX-License-Identifier: Apache-2.0
#include "net/tls_error.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace meerkat {
namespace {

// What an operator can act upon, in better words than OpenSSL's.
const char* in_our_words(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return nullptr;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_HTTP_REQUEST:
      return "the other side speaks HTTP, not TLS";
    case SSL_R_WRONG_VERSION_NUMBER:
      return "what came is not TLS, or not a version of it that we know";
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return "no common TLS version; see the option versions";
    case SSL_R_NO_SHARED_CIPHER:
      return "no common cipher; see the option ciphers and the kind of certificate";
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return "the client asked by ALPN for protocols that are not spoken here";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the client showed no certificate";
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return "a handshake message, such as a certificate chain, is too large";
    default:
      return nullptr;
  }
}

}  // namespace

std::string take_tls_error() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return "no reason given";
  if (const char* words = in_our_words(error)) return words;
  if (const char* reason = ERR_reason_error_string(error)) return reason;
  return "OpenSSL error " + std::to_string(error);
}

}  // namespace meerkat
