// SPDX-License-Identifier: Apache-2.0
// What all TLS sessions of one listener (or of one kind of outgoing connection) on one worker share: certificates,
// trust, versions, ciphers, ticket keys. RFC 9325 (TLS 1.2 and 1.3 only), RFC 7590, RFC 7301, RFC 6066 §3.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/tls_certificate.h"
#include "net/tls_handles.h"
#include "net/tls_ticket_keys.h"

namespace meerkat {

// Mirrors the `tls` section of the configuration.
struct TlsOptions {
  enum class Verify { peer, selfsigned_peer, none };
  // `role`: a client must show a client's certificate and a server a server's. `any`: either will do; for server to
  // server, where public authorities no longer issue client certificates.
  enum class Purpose { role, any };
  struct DomainCertificate {
    std::string domain;  // A-labels; "*.example.org" serves one label below it
    std::filesystem::path certfile;
    std::filesystem::path keyfile;
  };

  // May hold several leaf certificates (P-256 and RSA) with their chains, in any order; `keyfile` then all their keys.
  std::filesystem::path certfile;
  std::filesystem::path keyfile;
  std::filesystem::path cacertfile;  // empty: the system's authorities
  std::filesystem::path dhfile;
  std::string password;
  std::string ciphers;                // OpenSSL's words; names beginning with TLS_ are TLS 1.3 suites
  std::vector<std::string> versions;  // of "tlsv1.2", "tlsv1.3"; empty: both
  Verify verify_mode = Verify::peer;
  Purpose purpose = Purpose::role;
  bool disconnect_on_failure = true;        // false: the handshake goes on, `TlsSession::peer` tells
  bool request_client_certificate = false;  // even with Verify::none; for SASL EXTERNAL
  std::vector<std::filesystem::path> crl_files;
  bool session_tickets = false;
  bool keep_secrets = false;  // appended to the file that SSLKEYLOGFILE names; without lean records
  // A server's TLS 1.3 sessions let go of OpenSSL after the handshake (docs/decisions/0009-lean-tls-records.md).
  bool lean_records = true;
  std::vector<std::string> alpn;           // what we speak, best first, e.g. {"xmpp-client"}; empty: ALPN is ignored
  std::vector<DomainCertificate> domains;  // chosen by SNI; the same domain twice adds a second kind of key
};

enum class TlsRole { server, client };

// One per worker, so that OpenSSL's reference counts are not fought over. Immutable once made: a reload makes a new
// one, and the sessions keep theirs alive. Made at start or reload, outside the workers: it reads files.
class TlsContext final {
 public:
  // On failure: what is wrong with which file, and what to do. `tickets` is needed with `session_tickets`.
  static std::expected<std::shared_ptr<const TlsContext>, std::string> make(
      const TlsOptions& options, TlsRole role, std::shared_ptr<TlsTicketKeys> tickets = nullptr);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext() = default;

  TlsRole role() const { return role_; }

  // Every certificate we show, the default ones first.
  const std::vector<CertificateFacts>& certificates() const { return certificates_; }

  // For the sessions and for OpenSSL's callbacks only.
  ssl_ctx_st* native() const { return native_.get(); }
  ssl_ctx_st* for_server_name(std::string_view name) const;
  const std::string& alpn_wire() const { return alpn_wire_; }
  TlsTicketKeys* tickets() const { return tickets_.get(); }
  bool tolerates_bad_peer() const { return tolerates_bad_peer_; }
  bool accepts_self_signed() const { return accepts_self_signed_; }
  bool lean_records() const { return lean_records_; }

 private:
  friend class TlsContextMaker;
  TlsContext() = default;

  TlsRole role_ = TlsRole::server;
  SslContextHandle native_;
  std::unordered_map<std::string, SslContextHandle> by_domain_;  // lower case; from the configuration only
  std::vector<CertificateFacts> certificates_;
  std::string alpn_wire_;  // RFC 7301 §3.1: each name behind its length
  std::shared_ptr<TlsTicketKeys> tickets_;
  bool tolerates_bad_peer_ = false;
  bool accepts_self_signed_ = false;
  bool lean_records_ = false;
};

}  // namespace meerkat
