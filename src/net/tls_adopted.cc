// SPDX-License-Identifier: Apache-2.0
#include "net/tls_adopted.h"

#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "net/tls_context.h"

namespace meerkat {
namespace {

// As OpenSSL takes them back: suites of TLS 1.3 apart.
bool copy_ciphers(SSL_CTX* theirs, const SSL_CTX* ours) {
  std::string list;
  std::string suites;
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(ours);
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const std::string_view name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i));
    std::string& into = name.starts_with("TLS_") ? suites : list;
    if (!into.empty()) into += ':';
    into += name;
  }
  return (list.empty() || SSL_CTX_set_cipher_list(theirs, list.c_str()) == 1) &&
         (suites.empty() || SSL_CTX_set_ciphersuites(theirs, suites.c_str()) == 1);
}

bool copy_certificate(SSL_CTX* theirs, SSL_CTX* ours) {
  X509* const certificate = SSL_CTX_get0_certificate(ours);
  if (certificate == nullptr) return true;
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(ours, static_cast<void*>(&chain));
  return SSL_CTX_use_cert_and_key(theirs, certificate, SSL_CTX_get0_privatekey(ours), chain, 1) == 1;
}

}  // namespace

bool adopt(ssl_ctx_st* theirs, const TlsContext& context) {
  SSL_CTX* const ours = context.native();
  SSL_CTX_set_app_data(theirs, const_cast<TlsContext*>(&context));  // who our verify callback asks; it only reads
  SSL_CTX_set_verify(theirs, SSL_CTX_get_verify_mode(ours), SSL_CTX_get_verify_callback(ours));
  SSL_CTX_set_verify_depth(theirs, SSL_CTX_get_verify_depth(ours));
  SSL_CTX_set1_cert_store(theirs, SSL_CTX_get_cert_store(ours));
  SSL_CTX_set_min_proto_version(theirs, static_cast<int>(SSL_CTX_get_min_proto_version(ours)));
  SSL_CTX_set_max_proto_version(theirs, static_cast<int>(SSL_CTX_get_max_proto_version(ours)));
  return copy_ciphers(theirs, ours) && copy_certificate(theirs, ours);
}

}  // namespace meerkat
