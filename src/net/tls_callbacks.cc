// SPDX-License-Identifier: Apache-2.0
#include "net/tls_callbacks.h"

#include "net/tls_certificate.h"
#include "net/tls_context.h"
#include "net/tls_lean.h"

#include <algorithm>
#include <array>
#include <string>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

const TlsContext& owner_of(SSL* session) {
  return *static_cast<const TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
}

// RFC 6066 §3. A foreign name gets the default certificate: the client will see that it does not fit, and an old
// client that sends the SRV target instead of the domain is served.
int name_was_asked(SSL* session, int* /*alert*/, void* /*unused*/) noexcept {
  const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_CTX* context = owner_of(session).for_server_name(name);
  if (context == nullptr) return SSL_TLSEXT_ERR_NOACK;
  return SSL_set_SSL_CTX(session, context) != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// RFC 7301 §3.2. Refusing what is not ours stops cross-protocol attacks (ALPACA).
int protocols_were_offered(SSL* session, const unsigned char** chosen, unsigned char* chosen_size,
                           const unsigned char* offered, unsigned int offered_size, void* /*unused*/) noexcept {
  const std::string& ours = owner_of(session).alpn_wire();
  if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, chosen_size, reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// Called for each certificate of the peer's chain. Returning 1 after an error lets the handshake go on; the error
// stays in the verify result, where TlsSession::peer finds it.
int certificate_was_judged(int good, X509_STORE_CTX* judged) noexcept {
  if (good == 1) return 1;
  auto* session = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(judged, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const TlsContext& owner = owner_of(session);
  if (owner.tolerates_bad_peer()) return 1;
  const int problem = X509_STORE_CTX_get_error(judged);
  return owner.accepts_self_signed() && problem == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? 1 : 0;
}

bool prepare(const TlsTicketKeys::Key& key, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
             bool sealing) {
  std::array<char, 7> digest{"SHA256"};
  auto mac_key = key.mac;
  const std::array parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, mac_key.data(), mac_key.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end(),
  };
  const bool ready = EVP_MAC_CTX_set_params(mac, parameters.data()) == 1 &&
                     EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, sealing ? 1 : 0) == 1;
  OPENSSL_cleanse(mac_key.data(), mac_key.size());
  return ready;
}

// 1: use the key; 2: use it, then write a new ticket; 0: no ticket, or not one of ours; -1: give up.
int ticket_key_was_asked(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                         int sealing) noexcept try {
  TlsTicketKeys* keys = owner_of(session).tickets();
  if (keys == nullptr) return 0;
  if (sealing == 1) {
    const TlsTicketKeys::Key key = keys->current();
    std::ranges::copy(key.name, name);
    if (RAND_bytes(iv, 16) != 1) return -1;
    return prepare(key, iv, cipher, mac, true) ? 1 : -1;
  }
  std::array<unsigned char, 16> wanted{};
  std::copy_n(name, wanted.size(), wanted.begin());
  const auto found = keys->find(wanted);
  if (!found) return 0;
  if (!prepare(found->key, iv, cipher, mac, false)) return -1;
  return found->current ? 1 : 2;
} catch (...) {
  return -1;  // no randomness for a new key; the handshake fails rather than the process
}

// In a resumed session no certificate is shown, yet RFC 5929 binds to the one of the first handshake. The ticket
// remembers its hash.
int ticket_is_written(SSL* session, void* /*unused*/) noexcept try {
  if (SSL_session_reused(session) == 1) return 1;  // copied along from the first ticket
  const X509* shown = SSL_get_certificate(session);
  if (shown == nullptr) return 1;
  const std::string hash = end_point_hash(*shown);
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(session), hash.data(), hash.size());
} catch (...) {
  return 0;
}

SSL_TICKET_RETURN ticket_was_read(SSL* /*session*/, SSL_SESSION* /*found*/, const unsigned char* /*name*/,
                                  std::size_t /*name_size*/, SSL_TICKET_STATUS status, void* /*unused*/) noexcept {
  switch (status) {
    case SSL_TICKET_SUCCESS:
      return SSL_TICKET_RETURN_USE;
    case SSL_TICKET_SUCCESS_RENEW:
      return SSL_TICKET_RETURN_USE_RENEW;
    default:
      return SSL_TICKET_RETURN_IGNORE_RENEW;
  }
}

}  // namespace

void set_tls_callbacks(ssl_ctx_st* context, TlsContext& owner, int verify_flags) {
  SSL_CTX_set_app_data(context, &owner);
  SSL_CTX_set_verify(context, verify_flags, certificate_was_judged);
  if (owner.role() == TlsRole::client) {
    const std::string& names = owner.alpn_wire();
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned int>(names.size()));
    return;
  }
  SSL_CTX_set_tlsext_servername_callback(context, name_was_asked);
  SSL_CTX_set_alpn_select_cb(context, protocols_were_offered, nullptr);
  if (owner.lean_records()) keep_traffic_secrets(context);
  if (owner.tickets() == nullptr) return;
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, ticket_key_was_asked);
  SSL_CTX_set_session_ticket_cb(context, ticket_is_written, ticket_was_read, nullptr);
}

}  // namespace meerkat
