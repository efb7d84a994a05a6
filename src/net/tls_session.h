// SPDX-License-Identifier: Apache-2.0
// One TLS session, RFC 8446 and RFC 5246: ciphertext in, plaintext out, and back. No sockets and no waiting here.
// Channel bindings: RFC 9266, RFC 5929.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_certificate.h"
#include "net/tls_context.h"
#include "net/tls_handles.h"
#include "net/tls_records.h"

namespace meerkat {

struct TlsLean;

// Owned by a connection. Plain memory: between two calls it may be moved, and handed to another thread; calls
// themselves come from one thread at a time. OpenSSL shakes hands; a server's TLS 1.3 session then lets go of it and
// keeps under half a KB, any other one about 14 KB (see the measurement in tls_lean_test.cc).
// Buffers are the caller's, who shares them among all sessions of a worker.
class TlsSession final {
 public:
  using Status = TlsStatus;

  explicit TlsSession(std::shared_ptr<const TlsContext> context);
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;
  ~TlsSession();

  // Opens as many records as `ciphertext` completes, keeps the beginning of the next one. Plaintext is appended to
  // `plain`, answers of the handshake and alerts to `out`. A status other than ok stays; `plain` may have grown even
  // then.
  Status receive(std::string_view ciphertext, std::string& plain, std::string& out);

  // Seals all of `plaintext`, appended to `out`. Only when established.
  Status send(std::string_view plaintext, std::string& out);

  // A client speaks first: appends the ClientHello. Nothing to do for a server.
  Status start(std::string& out);

  // Appends close_notify, once; nothing when the handshake did not complete.
  void close(std::string& out);

  bool established() const { return established_; }
  // About how much memory it holds, in bytes.
  std::size_t weight() const;
  Status status() const { return status_; }
  const std::string& failure() const { return failure_; }  // in words, for the log

  // Bindings, raw bytes; empty when this session cannot give one safely. Only when established.
  std::string tls_exporter() const;          // 32 bytes; TLS 1.3, or TLS 1.2 with extended master secret (RFC 7627)
  std::string tls_server_end_point() const;  // of the server's certificate, also in a resumed session

  std::string version() const;  // "TLSv1.3"
  std::string cipher() const;
  std::string alpn() const;         // what was agreed upon, or nothing
  std::string server_name() const;  // what the client asked for (not verified to be ours), or nothing
  bool resumed() const;
  PeerCertificate peer() const;
  // OpenSSL is not needed any more: TLS 1.3, server, and not switched off by TlsOptions::lean_records.
  bool lean() const { return lean_ != nullptr; }

  // For clients, before `start`.
  void ask_for_server(const std::string& name);       // SNI; A-labels
  void resume_with(std::string_view saved);           // what `saved_session` gave
  std::string saved_session() const;                  // a secret; empty before a ticket came
  void require_server_name(const std::string& name);  // RFC 9525: fails unless a DNS name of the server is `name`

  // Changes our sending key, and asks the other side for the same (RFC 8446 §4.6.3). TLS 1.3 only.
  Status update_keys(std::string& out);

 private:
  bool begin();
  void complete_partial(std::string_view& ciphertext, std::string& plain, std::string& out);
  Status open(std::string_view record, std::string& plain, std::string& out);
  Status open_lean(std::string_view record, std::string& plain, std::string& out);
  Status refuse(std::string_view garbage, std::string& plain, std::string& out);
  bool looks_like_record(std::string_view header) const;
  void let_go_of_openssl(std::string_view sent);
  Status heard(bool something, std::string& out);
  Status read(std::size_t at_most, std::string& plain);
  Status after(int outcome, std::string_view doing);
  Status fail(std::string_view doing, std::string_view reason);

  std::shared_ptr<const TlsContext> context_;
  SslHandle ssl_;                  // nothing when lean
  std::unique_ptr<TlsLean> lean_;  // instead of OpenSSL, after the handshake
  std::string partial_;            // the beginning of a record whose end has not come
  std::string failure_;
  std::uint8_t idle_records_ = 0;  // in a row without application data, since the handshake
  Status status_ = Status::ok;
  bool established_ = false;
  bool said_goodbye_ = false;
};

}  // namespace meerkat
