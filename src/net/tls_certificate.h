// SPDX-License-Identifier: Apache-2.0
// What a certificate says: whose it is (RFC 6120 §13.7.1, RFC 9525), until when, and its hash (RFC 5929 §4).
// Also writes the self-signed one of the quick start.
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

struct x509_st;

namespace meerkat {

// The other side's certificate, for SASL EXTERNAL (XEP-0178) and for judging a server.
// Names with an embedded NUL or a control character are left out, as if the certificate did not hold them.
struct PeerCertificate {
  bool present = false;
  bool verified = false;                  // leads to a trusted authority, is in time, and is not revoked
  bool self_signed = false;               // not verified, and for no other reason than that it signed itself
  std::vector<std::string> xmpp_addrs;    // otherName id-on-xmppAddr
  std::vector<std::string> srv_names;     // otherName id-on-dnsSRV, "_xmpp-server.example.org"
  std::vector<std::string> dns_names;     // may hold wildcards
  std::vector<std::string> common_names;  // for the log and for old set-ups; names no server
  std::vector<std::string> uris;
  std::vector<std::string> emails;
  std::string sha256_fingerprint;  // lower-case hexadecimal
  std::string problem;             // why it is not verified, in words
};

// Whether the certificate names the XMPP server `domain` (A-labels) by xmppAddr, by SRV name of `service`
// ("_xmpp-client" or "_xmpp-server"), or by DNS name, where "*" stands for exactly the whole leftmost label.
// Says nothing about trust: ask `verified` as well.
bool names_server(const PeerCertificate& certificate, std::string_view domain, std::string_view service);

// What `meerkat check` tells about a certificate we show.
struct CertificateFacts {
  std::filesystem::path file;
  std::vector<std::string> names;  // DNS names and xmppAddrs
  std::string key;                 // "P-256", "RSA 2048"
  std::string issuer;
  WallTime not_before;
  WallTime not_after;
  bool self_signed = false;

  // Negative when it has expired.
  std::chrono::days days_left(WallTime now) const { return std::chrono::floor<std::chrono::days>(not_after - now); }
};

CertificateFacts facts_of(const x509_st& certificate, const std::filesystem::path& file);

// Fills the names and the fingerprint; trust is the session's to judge.
PeerCertificate read_peer_certificate(const x509_st& certificate);

// RFC 5929 §4.1: the hash of the certificate by its signature's hash function, SHA-256 in place of MD5 and SHA-1.
// Empty when the signature has no such function (Ed25519).
std::string end_point_hash(const x509_st& certificate);

// Writes a P-256 certificate that signs itself, valid for ten years, with DNS and xmppAddr names for `domains`;
// the key is readable by its owner only. Each file appears whole or not at all. On failure: what to do.
std::expected<void, std::string> make_self_signed(std::span<const std::string> domains,
                                                  const std::filesystem::path& certfile,
                                                  const std::filesystem::path& keyfile, WallTime now);

}  // namespace meerkat
