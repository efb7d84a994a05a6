// SPDX-License-Identifier: Apache-2.0
#include "net/tls_certificate.h"

#include "base/text.h"
#include "net/tls_handles.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

bool printable(std::string_view text) {
  return !text.empty() && std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

void add(std::vector<std::string>& names, std::string_view name) {
  if (printable(name)) names.emplace_back(name);
}

// otherName: the form must be the one its specification asks for, RFC 6120 §13.7.1.4 and RFC 4985 §2.
void read_other_name(const OTHERNAME& other, PeerCertificate& certificate) {
  const int kind = OBJ_obj2nid(other.type_id);
  if (kind == NID_XmppAddr && other.value->type == V_ASN1_UTF8STRING)
    add(certificate.xmpp_addrs, bytes_of(other.value->value.utf8string));
  if (kind == NID_SRVName && other.value->type == V_ASN1_IA5STRING)
    add(certificate.srv_names, bytes_of(other.value->value.ia5string));
}

void read_alternative_names(const X509& certificate, PeerCertificate& into) {
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    switch (name->type) {
      case GEN_DNS:
        add(into.dns_names, bytes_of(name->d.dNSName));
        break;
      case GEN_EMAIL:
        add(into.emails, bytes_of(name->d.rfc822Name));
        break;
      case GEN_URI:
        add(into.uris, bytes_of(name->d.uniformResourceIdentifier));
        break;
      case GEN_OTHERNAME:
        read_other_name(*name->d.otherName, into);
        break;
      default:
        break;
    }
  }
  GENERAL_NAMES_free(names);
}

std::vector<std::string> common_names_of(const X509& certificate) {
  std::vector<std::string> found;
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (length < 0) continue;
    add(found, {reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length)});
    OPENSSL_free(utf8);
  }
  return found;
}

std::string digest_of(const X509& certificate, const EVP_MD* digest) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (digest == nullptr || X509_digest(&certificate, digest, bytes.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// RFC 9525 §6.3: "*" only as the whole leftmost label, for exactly one label, and not directly under a top level.
bool dns_name_matches(std::string_view pattern, std::string_view domain) {
  if (lower(pattern) == domain) return true;
  if (!pattern.starts_with("*.") || pattern.find('*', 1) != std::string_view::npos) return false;
  const std::string_view above = pattern.substr(1);  // ".example.org"
  const auto dot = domain.find('.');
  if (dot == 0 || dot == std::string_view::npos || above.find('.', 1) == std::string_view::npos) return false;
  return lower(above) == domain.substr(dot);
}

std::string key_kind(const X509& certificate) {
  EVP_PKEY* key = X509_get0_pubkey(&certificate);
  if (key == nullptr) return "unreadable";
  if (EVP_PKEY_is_a(key, "RSA")) return "RSA " + std::to_string(EVP_PKEY_get_bits(key));
  std::array<char, 80> curve{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &length) == 1) {
    const std::string_view name{curve.data(), length};
    if (name == "prime256v1") return "P-256";
    if (name == "secp384r1") return "P-384";
    return std::string{name};
  }
  const char* name = EVP_PKEY_get0_type_name(key);
  return name != nullptr ? name : "unknown";
}

WallTime wall_time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string issuer_of(const X509& certificate) {
  const BioHandle text{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(text.get(), X509_get_issuer_name(&certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  return length > 0 ? std::string{data, static_cast<std::size_t>(length)} : std::string{};
}

}  // namespace

PeerCertificate read_peer_certificate(const x509_st& certificate) {
  PeerCertificate result;
  result.present = true;
  read_alternative_names(certificate, result);
  result.common_names = common_names_of(certificate);
  result.sha256_fingerprint = hex(digest_of(certificate, EVP_sha256()));
  return result;
}

bool names_server(const PeerCertificate& certificate, std::string_view domain, std::string_view service) {
  const std::string wanted = lower(domain);
  if (wanted.empty()) return false;
  const std::string srv_name = std::string{service} + "." + wanted;
  const auto is_wanted = [&](const std::string& name) { return lower(name) == wanted; };
  const auto is_srv_name = [&](const std::string& name) { return lower(name) == srv_name; };
  const auto matches = [&](const std::string& name) { return dns_name_matches(name, wanted); };
  return std::ranges::any_of(certificate.xmpp_addrs, is_wanted) ||
         std::ranges::any_of(certificate.srv_names, is_srv_name) || std::ranges::any_of(certificate.dns_names, matches);
}

CertificateFacts facts_of(const x509_st& certificate, const std::filesystem::path& file) {
  PeerCertificate names;
  read_alternative_names(certificate, names);
  CertificateFacts facts;
  facts.file = file;
  facts.names = std::move(names.dns_names);
  for (std::string& name : names.xmpp_addrs)
    if (std::ranges::find(facts.names, name) == facts.names.end()) facts.names.push_back(std::move(name));
  facts.key = key_kind(certificate);
  facts.issuer = issuer_of(certificate);
  facts.not_before = wall_time_of(X509_get0_notBefore(&certificate));
  facts.not_after = wall_time_of(X509_get0_notAfter(&certificate));
  facts.self_signed = X509_self_signed(const_cast<X509*>(&certificate), 0) == 1;
  return facts;
}

std::string end_point_hash(const x509_st& certificate) {
  int digest = NID_undef;
  // Tells the digest of RSA-PSS as well, whose algorithm identifier alone does not.
  if (X509_get_signature_info(const_cast<X509*>(&certificate), &digest, nullptr, nullptr, nullptr) != 1) {
    if (OBJ_find_sigid_algs(X509_get_signature_nid(&certificate), &digest, nullptr) != 1) return {};
  }
  if (digest == NID_undef) return {};
  if (digest == NID_md5 || digest == NID_sha1) return digest_of(certificate, EVP_sha256());
  return digest_of(certificate, EVP_get_digestbynid(digest));
}

}  // namespace meerkat
