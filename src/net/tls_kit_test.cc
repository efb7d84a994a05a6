// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "base/random.h"
#include "net/tls_test_kit.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace meerkat::tls_test {
namespace {

void require(bool good) {
  if (!good) throw std::runtime_error("the test kit cannot make a certificate");
}

KeyHandle make_key(KeyKind kind) {
  if (kind == KeyKind::rsa) return KeyHandle{EVP_RSA_gen(2048)};
  if (kind == KeyKind::ed25519) return KeyHandle{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  return KeyHandle{EVP_EC_gen("P-256")};
}

BioHandle open(const std::filesystem::path& file, const char* mode) {
  return BioHandle{BIO_new_file(file.c_str(), mode)};
}

CertificateHandle load_certificate(const Issued& issued) {
  return CertificateHandle{PEM_read_bio_X509(open(issued.certfile, "r").get(), nullptr, nullptr, nullptr)};
}

KeyHandle load_key(const Issued& issued) {
  return KeyHandle{PEM_read_bio_PrivateKey(open(issued.keyfile, "r").get(), nullptr, nullptr, nullptr)};
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void name_it(X509* certificate, const std::string& common_name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
}

}  // namespace

Issued issue(const TestDirectory& place, const std::string& file, const Wish& wish, const Issued* issuer) {
  const Issued result{place / (file + ".pem"), place / (file + ".key")};
  const KeyHandle key = make_key(wish.key);
  const CertificateHandle certificate{X509_new()};
  CertificateHandle issuer_certificate;
  KeyHandle issuer_key;
  if (issuer != nullptr) {
    issuer_certificate = load_certificate(*issuer);
    issuer_key = load_key(*issuer);
  }
  X509* raw = certificate.get();
  X509* above = issuer_certificate ? issuer_certificate.get() : raw;
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), random_u64() >> 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -86400L * 60);
  X509_gmtime_adj(X509_getm_notAfter(raw), 86400L * wish.days);
  name_it(raw, wish.common_name);
  X509_set_issuer_name(raw, X509_get_subject_name(above));
  X509_set_pubkey(raw, key.get());
  extend(raw, above, NID_basic_constraints, wish.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(raw, above, NID_subject_alt_name, wish.names);
  if (!wish.is_authority) extend(raw, above, NID_ext_key_usage, wish.usage);
  if (wish.padding > 0) extend(raw, above, NID_netscape_comment, std::string(wish.padding, 'x'));
  const EVP_MD* digest = wish.key == KeyKind::ed25519 && !issuer ? nullptr : EVP_get_digestbyname(wish.digest.c_str());
  require(X509_sign(raw, issuer_key ? issuer_key.get() : key.get(), digest) > 0);

  PEM_write_bio_X509(open(result.certfile, "w").get(), raw);
  PEM_write_bio_PrivateKey(open(result.keyfile, "w").get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return result;
}

Issued encrypt_key(const TestDirectory& place, const Issued& plain, const std::string& password) {
  const Issued result{plain.certfile, place / "encrypted.key"};
  const KeyHandle key = load_key(plain);
  require(PEM_write_bio_PrivateKey(open(result.keyfile, "w").get(), key.get(), EVP_aes_256_cbc(),
                                   reinterpret_cast<const unsigned char*>(password.data()),
                                   static_cast<int>(password.size()), nullptr, nullptr) == 1);
  return result;
}

std::filesystem::path revoke(const TestDirectory& place, const std::string& file, const Issued& issuer,
                             const Issued& revoked) {
  const CertificateHandle above = load_certificate(issuer);
  const CertificateHandle bad = load_certificate(revoked);
  const KeyHandle key = load_key(issuer);
  ASN1_TIME* now = X509_gmtime_adj(nullptr, -60);
  ASN1_TIME* later = X509_gmtime_adj(nullptr, 86400);
  X509_CRL* list = X509_CRL_new();
  X509_REVOKED* entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(bad.get()));
  X509_REVOKED_set_revocationDate(entry, now);
  X509_CRL_set_version(list, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(above.get()));
  X509_CRL_set1_lastUpdate(list, now);
  X509_CRL_set1_nextUpdate(list, later);
  require(X509_CRL_add0_revoked(list, entry) == 1 && X509_CRL_sign(list, key.get(), EVP_sha256()) > 0);
  const auto path = place / (file + ".crl");
  PEM_write_bio_X509_CRL(open(path, "w").get(), list);
  X509_CRL_free(list);
  ASN1_TIME_free(now);
  ASN1_TIME_free(later);
  return path;
}

void append(const std::filesystem::path& to, const std::filesystem::path& from) {
  std::ifstream in{from, std::ios::binary};
  std::ofstream out{to, std::ios::binary | std::ios::app};
  out << in.rdbuf();
}

TlsOptions server_of(const Issued& shown) {
  TlsOptions options;
  options.certfile = shown.certfile;
  options.keyfile = shown.keyfile;
  options.verify_mode = TlsOptions::Verify::none;
  return options;
}

TlsOptions trusting_client() {
  TlsOptions options;
  options.verify_mode = TlsOptions::Verify::none;
  return options;
}

std::shared_ptr<const TlsContext> context(const TlsOptions& options, TlsRole role,
                                          std::shared_ptr<TlsTicketKeys> tickets) {
  auto made = TlsContext::make(options, role, std::move(tickets));
  if (!made) throw std::runtime_error(made.error());
  return *made;
}

Talk::Talk(std::shared_ptr<const TlsContext> server_context, std::shared_ptr<const TlsContext> client_context)
    : server(std::move(server_context)), client(std::move(client_context)) {}

void Talk::carry(std::size_t step) {
  while (!to_server.empty() || !to_client.empty()) {
    const std::string up = to_server.substr(0, step);
    to_server.erase(0, step);
    if (!up.empty()) server.receive(up, server_heard, to_client);
    const std::string down = to_client.substr(0, step);
    to_client.erase(0, step);
    if (!down.empty()) client.receive(down, client_heard, to_server);
  }
}

bool Talk::shake_hands(std::size_t step) {
  client.start(to_server);
  carry(step);
  return server.established() && client.established();
}

TEST_CASE("the test kit's two sessions shake hands and talk") {
  const TestDirectory place;
  const Issued shown = issue(place, "server", {.names = "DNS:example.org"});
  Talk talk{context(server_of(shown), TlsRole::server), context(trusting_client(), TlsRole::client)};

  REQUIRE(talk.shake_hands());
  talk.client.send("hello", talk.to_server);
  talk.server.send("welcome", talk.to_client);
  talk.carry();

  CHECK(talk.server_heard == "hello");
  CHECK(talk.client_heard == "welcome");
}

}  // namespace meerkat::tls_test
