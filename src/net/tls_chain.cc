// SPDX-License-Identifier: Apache-2.0
#include "net/tls_chain.h"

#include "net/tls_error.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

constexpr std::size_t longest_chain = 10;

BioHandle reader_of(std::string_view text) {
  return BioHandle{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// The blocks of a PEM file one by one, since OpenSSL's own walk stops at the first thing it did not look for.
struct PemBlock {
  std::string_view kind;  // "CERTIFICATE", "PRIVATE KEY"
  std::string_view text;
};

std::vector<PemBlock> pem_blocks(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN ";
  constexpr std::string_view dashes = "-----";
  std::vector<PemBlock> blocks;
  for (auto at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1)) {
    const auto kind_at = at + begin.size();
    const auto kind_end = text.find(dashes, kind_at);
    if (kind_end == std::string_view::npos) break;
    const auto kind = text.substr(kind_at, kind_end - kind_at);
    const std::string last_line = "-----END " + std::string{kind} + "-----";
    const auto end = text.find(last_line, kind_end);
    if (end == std::string_view::npos) break;
    blocks.push_back({kind, text.substr(at, end + last_line.size() - at)});
  }
  return blocks;
}

std::expected<std::vector<CertificateHandle>, std::string> read_certificates(const std::filesystem::path& file) {
  const auto text = read_text(file);
  if (!text) return std::unexpected(text.error());
  std::vector<CertificateHandle> certificates;
  for (const PemBlock& block : pem_blocks(*text)) {
    if (!block.kind.ends_with("CERTIFICATE")) continue;
    CertificateHandle certificate{PEM_read_bio_X509_AUX(reader_of(block.text).get(), nullptr, nullptr, nullptr)};
    if (!certificate)
      return std::unexpected(file.string() + ": certificate " + std::to_string(certificates.size() + 1) +
                             " is damaged (" + take_tls_error() + "); fetch it again");
    certificates.push_back(std::move(certificate));
  }
  if (certificates.empty())
    return std::unexpected(file.string() +
                           " holds no certificate; a PEM file with '-----BEGIN CERTIFICATE-----' is needed");
  return certificates;
}

// Never asks at a terminal, as OpenSSL does when it is given no callback and no password.
int give_password(char* into, int size, int /*writing*/, void* from) {
  const auto& password = *static_cast<const std::string*>(from);
  if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
  std::ranges::copy(password, into);  // OpenSSL takes the length, not a terminator
  return static_cast<int>(password.size());
}

std::expected<std::vector<KeyHandle>, std::string> read_keys(const std::filesystem::path& file,
                                                             const std::string& password) {
  auto text = read_text(file);
  if (!text) return std::unexpected(text.error());
  std::vector<KeyHandle> keys;
  std::string problem;
  for (const PemBlock& block : pem_blocks(*text)) {
    if (!block.kind.ends_with("PRIVATE KEY")) continue;
    KeyHandle key{PEM_read_bio_PrivateKey(reader_of(block.text).get(), nullptr, give_password,
                                          const_cast<std::string*>(&password))};
    if (!key) {
      problem = file.string() + ": the private key cannot be read (" + take_tls_error() +
                (password.empty() ? "); if it is encrypted, set the option password" : "); check the option password");
      break;
    }
    keys.push_back(std::move(key));
  }
  OPENSSL_cleanse(text->data(), text->size());
  if (!problem.empty()) return std::unexpected(std::move(problem));
  if (keys.empty())
    return std::unexpected(file.string() +
                           " holds no private key; a PEM file with '-----BEGIN PRIVATE KEY-----' is needed");
  return keys;
}

const X509* issuer_in(const std::vector<CertificateHandle>& certificates, const X509* of) {
  for (const CertificateHandle& candidate : certificates) {
    if (candidate.get() == of) continue;
    if (X509_check_issued(candidate.get(), const_cast<X509*>(of)) == X509_V_OK) return candidate.get();
  }
  return nullptr;
}

CertificateHandle shared(const X509* certificate) {
  auto* raw = const_cast<X509*>(certificate);
  X509_up_ref(raw);
  return CertificateHandle{raw};
}

// The order in the file does not matter: old clients refuse chains that are out of order.
std::vector<CertificateHandle> authorities_of(const X509* leaf, const std::vector<CertificateHandle>& certificates) {
  std::vector<CertificateHandle> chain;
  const X509* above = issuer_in(certificates, leaf);
  while (above != nullptr && above != leaf && chain.size() < longest_chain) {
    chain.push_back(shared(above));
    if (X509_self_signed(const_cast<X509*>(above), 0) == 1) break;
    above = issuer_in(certificates, above);
  }
  return chain;
}

}  // namespace

std::expected<std::string, std::string> read_text(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (stream.is_open() && !stream.bad()) return text;
  return std::unexpected("cannot read " + file.string() + ": " + std::strerror(errno) +
                         "; check the path, and that the server's user may read it");
}

std::expected<std::vector<CertificateChain>, std::string> read_chains(const std::filesystem::path& certfile,
                                                                      const std::filesystem::path& keyfile,
                                                                      const std::string& password) {
  if (keyfile.empty())
    return std::unexpected("certfile " + certfile.string() + " is given without a keyfile; give both");
  const auto certificates = read_certificates(certfile);
  if (!certificates) return std::unexpected(certificates.error());
  auto keys = read_keys(keyfile, password);
  if (!keys) return std::unexpected(keys.error());

  std::vector<CertificateChain> chains;
  for (KeyHandle& key : *keys) {
    const auto fits = [&](const CertificateHandle& candidate) {
      EVP_PKEY* its = X509_get0_pubkey(candidate.get());
      return its != nullptr && EVP_PKEY_eq(its, key.get()) == 1;
    };
    const auto leaf = std::ranges::find_if(*certificates, fits);
    if (leaf == certificates->end()) continue;
    chains.push_back({shared(leaf->get()), std::move(key), authorities_of(leaf->get(), *certificates)});
  }
  ERR_clear_error();  // comparing keys of different kinds leaves complaints
  if (chains.empty())
    return std::unexpected("the private key in " + keyfile.string() + " belongs to no certificate in " +
                           certfile.string() + "; give the key that the certificate was made for");
  return chains;
}

}  // namespace meerkat
