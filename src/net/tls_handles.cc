// SPDX-License-Identifier: Apache-2.0
#include "net/tls_handles.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace meerkat {

void TlsFree::operator()(bio_st* bio) const noexcept { BIO_free(bio); }
void TlsFree::operator()(evp_pkey_st* key) const noexcept { EVP_PKEY_free(key); }
void TlsFree::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }
void TlsFree::operator()(ssl_st* session) const noexcept { SSL_free(session); }
void TlsFree::operator()(x509_st* certificate) const noexcept { X509_free(certificate); }

}  // namespace meerkat
