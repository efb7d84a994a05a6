// SPDX-License-Identifier: Apache-2.0
// What stays of a server's TLS 1.3 session when OpenSSL's 14 KB are given back after the handshake: the record protocol
// with its keys, and the facts that are asked for later. See docs/decisions/0009-lean-tls-records.md
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "net/tls_certificate.h"
#include "net/tls_handles.h"
#include "net/tls_records.h"

struct ssl_st;
struct ssl_ctx_st;

namespace meerkat {

struct TlsLean {
  TlsRecords records;
  std::array<char, 32> exporter{};               // RFC 9266; the only thing ever exported
  const x509_st* shown = nullptr;                // owned by the context
  std::unique_ptr<std::string> first_end_point;  // resumed sessions only: from the ticket
  std::unique_ptr<char[]> server_name;           // as asked for, if it was
  std::unique_ptr<std::string> alpn;             // if one was agreed upon
  std::unique_ptr<PeerCertificate> peer;         // if one was shown
  bool resumed = false;
};

// Has the sessions of a server's context keep what `take_lean_records` needs.
void keep_traffic_secrets(ssl_ctx_st* context);

// Right after the handshake: takes the place of OpenSSL for the records. `sent` is all that was written since the
// client's last message came in, which is session tickets; nothing was read since. False, and nothing has happened,
// when this session must stay with OpenSSL. Either way the secrets are forgotten.
bool take_lean_records(ssl_st* session, std::string_view sent, TlsRecords& records);

}  // namespace meerkat
