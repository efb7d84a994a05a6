// SPDX-License-Identifier: Apache-2.0
// For tests: certificates to order, and two TLS sessions that talk to each other in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/test_directory.h"
#include "net/tls_context.h"
#include "net/tls_session.h"

namespace meerkat::tls_test {

enum class KeyKind { p256, rsa, ed25519 };

struct Wish {
  std::string common_name = "test";
  std::string names;  // subjectAltName in OpenSSL's notation, "DNS:a.example,DNS:b.example"
  KeyKind key = KeyKind::p256;
  std::string usage = "serverAuth,clientAuth";
  int days = 30;  // negative: expired
  bool is_authority = false;
  std::string digest = "SHA256";
  std::size_t padding = 0;  // bytes of comment, to make it large
};

struct Issued {
  std::filesystem::path certfile;
  std::filesystem::path keyfile;
};

// Writes FILE.pem and FILE.key into `place`; signed by `issuer`, or by itself.
Issued issue(const TestDirectory& place, const std::string& file, const Wish& wish, const Issued* issuer = nullptr);

// The same certificate with its key under a password.
Issued encrypt_key(const TestDirectory& place, const Issued& plain, const std::string& password);

// A list of revoked certificates with this one in it.
std::filesystem::path revoke(const TestDirectory& place, const std::string& file, const Issued& issuer,
                             const Issued& revoked);

// Appends the text of one file to another.
void append(const std::filesystem::path& to, const std::filesystem::path& from);

// Options of a server that shows `shown` to everybody and asks for nothing.
TlsOptions server_of(const Issued& shown);
// Options of a client that trusts everybody.
TlsOptions trusting_client();

std::shared_ptr<const TlsContext> context(const TlsOptions& options, TlsRole role,
                                          std::shared_ptr<TlsTicketKeys> tickets = nullptr);

// A client and a server with the wires between them.
struct Talk {
  Talk(std::shared_ptr<const TlsContext> server_context, std::shared_ptr<const TlsContext> client_context);

  // Carries bytes both ways, `step` at a time, until nothing moves any more.
  void carry(std::size_t step = 1 << 20);
  // The client's hello, and all that follows from it. True when both sides are established.
  bool shake_hands(std::size_t step = 1 << 20);

  TlsSession server;
  TlsSession client;
  std::string to_server;
  std::string to_client;
  std::string server_heard;
  std::string client_heard;
};

}  // namespace meerkat::tls_test
