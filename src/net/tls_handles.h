// SPDX-License-Identifier: Apache-2.0
// Owning handles to OpenSSL's objects without its headers: those stay inside net/tls_*.cc.
#pragma once

#include <memory>

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace meerkat {

struct TlsFree {
  void operator()(bio_st* bio) const noexcept;
  void operator()(evp_pkey_st* key) const noexcept;
  void operator()(ssl_ctx_st* context) const noexcept;
  void operator()(ssl_st* session) const noexcept;
  void operator()(x509_st* certificate) const noexcept;
};

using BioHandle = std::unique_ptr<bio_st, TlsFree>;
using KeyHandle = std::unique_ptr<evp_pkey_st, TlsFree>;
using SslContextHandle = std::unique_ptr<ssl_ctx_st, TlsFree>;
using SslHandle = std::unique_ptr<ssl_st, TlsFree>;
using CertificateHandle = std::unique_ptr<x509_st, TlsFree>;

}  // namespace meerkat
