// SPDX-License-Identifier: Apache-2.0
#include "net/tls_judgement.h"

#include <memory>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

// Dates and names are still looked at when a self-signed certificate is let pass.
int self_signed_is_good(int good, X509_STORE_CTX* judged) noexcept {
  return good == 1 || X509_STORE_CTX_get_error(judged) == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ? 1 : 0;
}

bool wants_name(X509_VERIFY_PARAM* rules, const std::string& name) {
  return X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1 ||
         X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1;
}

}  // namespace

bool handshake_is_over(const ssl_st* session) { return SSL_is_init_finished(session) == 1; }

std::string why_not_trusted(ssl_st* session, const TlsContext& trust, const std::string& name) {
  const CertificateHandle shown{SSL_get1_peer_certificate(session)};
  if (!shown) return "the server showed no certificate";
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> judged{X509_STORE_CTX_new(), X509_STORE_CTX_free};
  if (!judged || X509_STORE_CTX_init(judged.get(), SSL_CTX_get_cert_store(trust.native()), shown.get(),
                                     SSL_get_peer_cert_chain(session)) != 1)
    return "the certificate cannot be judged";
  X509_STORE_CTX_set_default(judged.get(), "ssl_server");
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(judged.get());
  X509_VERIFY_PARAM_set1(rules, SSL_CTX_get0_param(trust.native()));
  if (!name.empty() && !wants_name(rules, name)) return "the name of the server is none";
  if (trust.accepts_self_signed()) X509_STORE_CTX_set_verify_cb(judged.get(), self_signed_is_good);
  if (X509_verify_cert(judged.get()) == 1) return {};
  return std::string{"the server's certificate is refused: "} +
         X509_verify_cert_error_string(X509_STORE_CTX_get_error(judged.get()));
}

}  // namespace meerkat
