// SPDX-License-Identifier: Apache-2.0
// OpenSSL's way to our bytes: it reads from and writes to what the current call brought, and keeps no buffer.
#pragma once

#include <string>
#include <string_view>

#include "net/tls_handles.h"

namespace meerkat {

// Lends input and output to every TLS session this thread touches while the object lives; none nests in another.
// The session itself holds no pointer to either, and so may move between threads.
class TlsTransfer final {
 public:
  TlsTransfer(std::string_view in, std::string& out);
  ~TlsTransfer();
  TlsTransfer(const TlsTransfer&) = delete;
  TlsTransfer& operator=(const TlsTransfer&) = delete;

  bool exhausted() const { return in_.empty(); }

 private:
  friend struct TlsBioMethods;
  std::string_view in_;
  std::string& out_;
};

// A reader and writer for SSL_set_bio.
BioHandle make_tls_bio();

}  // namespace meerkat
