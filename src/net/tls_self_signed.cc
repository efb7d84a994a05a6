// SPDX-License-Identifier: Apache-2.0
// The certificate of the quick start: P-256, signed by itself, ten years. RFC 5280, RFC 6120 §13.7.1.
#include "base/random.h"
#include "net/tls_certificate.h"
#include "net/tls_error.h"
#include "net/tls_handles.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

constexpr std::chrono::seconds ten_years = std::chrono::days{3652};
constexpr std::size_t longest_common_name = 64;  // RFC 5280, ub-common-name

// ASCII letters, digits, dots and hyphens: nothing that would mean something else in OpenSSL's notation.
bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
             std::string_view::npos;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  fill_random(std::as_writable_bytes(std::span{bytes}));
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and of full length
  BIGNUM* number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  const bool set = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

std::string alternative_names(std::span<const std::string> domains) {
  std::string names;
  for (const std::string& domain : domains) {
    if (!names.empty()) names += ',';
    names.append("DNS:").append(domain).append(",otherName:1.3.6.1.5.5.7.8.5;UTF8:").append(domain);
  }
  return names;
}

CertificateHandle certificate_for(std::span<const std::string> domains, EVP_PKEY* key, WallTime now) {
  CertificateHandle certificate{X509_new()};
  X509* raw = certificate.get();
  const auto start = std::chrono::floor<std::chrono::seconds>(now) - std::chrono::hours{1};  // for clocks that lag
  const auto common_name = domains.front().substr(0, longest_common_name);
  X509_NAME* subject = X509_get_subject_name(raw);
  const bool made =
      X509_set_version(raw, X509_VERSION_3) == 1 && set_serial(raw) &&
      ASN1_TIME_set(X509_getm_notBefore(raw), std::chrono::system_clock::to_time_t(start)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(raw), std::chrono::system_clock::to_time_t(start + ten_years)) != nullptr &&
      X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1 &&
      X509_set_issuer_name(raw, subject) == 1 && X509_set_pubkey(raw, key) == 1 &&
      add_extension(raw, NID_subject_alt_name, alternative_names(domains)) &&
      add_extension(raw, NID_key_usage, "critical,digitalSignature") &&
      add_extension(raw, NID_ext_key_usage, "serverAuth,clientAuth") &&
      add_extension(raw, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(raw, NID_subject_key_identifier, "hash") && X509_sign(raw, key, EVP_sha256()) > 0;
  if (!made) certificate.reset();
  return certificate;
}

std::string complaint(std::string_view doing, const std::filesystem::path& file, int error) {
  return std::string{doing} + " " + file.string() + ": " + std::strerror(error) +
         "; check that its directory exists and may be written";
}

// Written beside its place under another name, made durable, then put there.
std::expected<void, std::string> write_whole(const std::filesystem::path& file, std::string_view text, mode_t mode) {
  const std::string aside = file.string() + "." + random_token(64);
  const int descriptor = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return std::unexpected(complaint("cannot write", file, errno));
  int error = ::fchmod(descriptor, mode) == 0 ? 0 : errno;
  while (error == 0 && !text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written < 0 && errno != EINTR) error = errno;
  }
  if (error == 0 && ::fsync(descriptor) != 0) error = errno;
  ::close(descriptor);
  if (error == 0 && ::rename(aside.c_str(), file.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(aside.c_str());
  return std::unexpected(complaint("cannot write", file, error));
}

std::string_view text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

}  // namespace

std::expected<void, std::string> make_self_signed(std::span<const std::string> domains,
                                                  const std::filesystem::path& certfile,
                                                  const std::filesystem::path& keyfile, WallTime now) {
  if (domains.empty()) return std::unexpected("a certificate needs at least one domain");
  for (const std::string& domain : domains)
    if (!is_host_name(domain))
      return std::unexpected("'" + domain + "' is not a host name; write international names as xn-- labels");

  const KeyHandle key{EVP_EC_gen("P-256")};
  const CertificateHandle certificate = key ? certificate_for(domains, key.get(), now) : nullptr;
  if (!certificate) return std::unexpected("cannot make a certificate: " + take_tls_error());

  const BioHandle certificate_text{BIO_new(BIO_s_mem())};
  const BioHandle key_text{BIO_new(BIO_s_secmem())};  // wiped when freed
  if (PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return std::unexpected("cannot write a certificate: " + take_tls_error());

  // The key first: a certificate without its key stops the start, a key alone does no harm.
  const auto key_written = write_whole(keyfile, text_of(key_text.get()), 0600);
  if (!key_written) return key_written;
  return write_whole(certfile, text_of(certificate_text.get()), 0644);
}

}  // namespace meerkat
