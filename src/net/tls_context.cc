// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.h"

#include "base/check.h"
#include "net/tls_callbacks.h"
#include "net/tls_chain.h"
#include "net/tls_error.h"
#include "net/tls_key_log.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

// RFC 9325 §4.2: forward secrecy and authenticated encryption only. AES-128 first: fastest, and strong enough.
constexpr const char* good_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!DSS:!PSK:!aNULL";
constexpr const char* good_suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* good_groups = "X25519:P-256:P-384";

// What a client may show, chain and all; a chain of four RSA-4096 certificates is under 10 KB.
constexpr long largest_client_chain = 32L * 1024;
constexpr int longest_peer_chain = 8;

// As long as the key that sealed a ticket surely opens it.
constexpr long ticket_lifetime = std::chrono::seconds{TlsTicketKeys::lifetime}.count();

using Problem = std::optional<std::string>;

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

Problem set_versions(SSL_CTX* context, const std::vector<std::string>& versions) {
  bool with_1_2 = versions.empty();
  bool with_1_3 = versions.empty();
  for (const std::string& version : versions) {
    if (version == "tlsv1.2")
      with_1_2 = true;
    else if (version == "tlsv1.3")
      with_1_3 = true;
    else
      return "versions: '" + version + "' is not offered; use tlsv1.2 and tlsv1.3 (older ones are broken, RFC 8996)";
  }
  SSL_CTX_set_min_proto_version(context, with_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, with_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  return std::nullopt;
}

// One option for both of OpenSSL's lists: suites of TLS 1.3 are told by their prefix.
Problem set_ciphers(SSL_CTX* context, const std::string& ciphers) {
  std::string list;
  std::string suites;
  for (std::size_t at = 0; at < ciphers.size();) {
    const auto end = std::min(ciphers.find(':', at), ciphers.size());
    const std::string word = ciphers.substr(at, end - at);
    std::string& into = word.starts_with("TLS_") ? suites : list;
    if (!into.empty()) into += ':';
    into += word;
    at = end + 1;
  }
  if (SSL_CTX_set_cipher_list(context, list.empty() ? good_ciphers : list.c_str()) != 1)
    return "ciphers: OpenSSL knows no cipher in '" + list + "'; compare with `openssl ciphers -v`";
  if (SSL_CTX_set_ciphersuites(context, suites.empty() ? good_suites : suites.c_str()) != 1)
    return "ciphers: OpenSSL does not know all of '" + suites + "'; compare with `openssl ciphers -s -tls1_3`";
  return std::nullopt;
}

Problem set_dh_parameters(SSL_CTX* context, const std::filesystem::path& dhfile) {
  if (dhfile.empty()) return std::nullopt;  // then no DHE: ECDHE serves everybody, and costs less
  const auto text = read_text(dhfile);
  if (!text) return text.error();
  const BioHandle reader{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
  KeyHandle parameters{PEM_read_bio_Parameters(reader.get(), nullptr)};
  if (parameters && SSL_CTX_set0_tmp_dh_pkey(context, parameters.get()) == 1) {
    std::ignore = parameters.release();
    return std::nullopt;
  }
  return "dhfile " + dhfile.string() + " is of no use (" + take_tls_error() +
         "); make one with `openssl dhparam -out FILE 2048`, or leave the option out";
}

Problem add_revocations(X509_STORE* store, const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& file : files) {
    const auto text = read_text(file);
    if (!text) return text.error();
    const BioHandle reader{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
    int added = 0;
    while (X509_CRL* list = PEM_read_bio_X509_CRL(reader.get(), nullptr, nullptr, nullptr)) {
      added += X509_STORE_add_crl(store, list);
      X509_CRL_free(list);
    }
    ERR_clear_error();  // the end of the file is an error to OpenSSL
    if (added == 0) return "crl_files: " + file.string() + " holds no revocation list in PEM form";
  }
  if (!files.empty()) X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return std::nullopt;
}

Problem set_trust(SSL_CTX* context, const TlsOptions& options) {
  if (options.cacertfile.empty()) {
    // Looked up one by one in a directory of the system when asked for: a few file reads on a worker, cached by
    // OpenSSL. The whole bundle would be in memory once per context (not measured).
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, options.cacertfile.c_str()) != 1) {
    return "cacertfile " + options.cacertfile.string() + " holds no certificates that can be read (" +
           take_tls_error() + ")";
  }
  if (options.purpose == TlsOptions::Purpose::any)
    X509_VERIFY_PARAM_set_purpose(SSL_CTX_get0_param(context), X509_PURPOSE_ANY);
  return add_revocations(SSL_CTX_get_cert_store(context), options.crl_files);
}

// What a session may be resumed under: everything that decides whether a peer is let in. RFC 8446 §4.6.1 leaves it to
// us that a ticket from a lenient listener is not taken by a strict one.
std::expected<std::array<unsigned char, 32>, std::string> policy_of(const TlsOptions& options) {
  std::string text = "verify=" + std::to_string(static_cast<int>(options.verify_mode)) +
                     " purpose=" + std::to_string(static_cast<int>(options.purpose)) +
                     " disconnect=" + std::to_string(options.disconnect_on_failure) +
                     " request=" + std::to_string(options.request_client_certificate);
  std::vector<std::filesystem::path> files = options.crl_files;
  if (!options.cacertfile.empty()) files.push_back(options.cacertfile);
  for (const std::filesystem::path& file : files) {
    const auto contents = read_text(file);
    if (!contents) return std::unexpected(contents.error());
    text += " " + std::to_string(contents->size()) + ":" + *contents;
  }
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

}  // namespace

// Builds a context step by step; the first problem ends it.
class TlsContextMaker {
 public:
  TlsContextMaker(const TlsOptions& options, TlsRole role, std::shared_ptr<TlsTicketKeys> tickets)
      : options_(options), made_(new TlsContext) {
    made_->role_ = role;
    made_->tickets_ = std::move(tickets);
    made_->tolerates_bad_peer_ = !options.disconnect_on_failure || options.verify_mode == TlsOptions::Verify::none;
    made_->lean_records_ = options.lean_records && !options.keep_secrets && role == TlsRole::server;
    made_->accepts_self_signed_ = options.verify_mode == TlsOptions::Verify::selfsigned_peer;
  }

  std::expected<std::shared_ptr<const TlsContext>, std::string> make() {
    if (Problem problem = build()) return std::unexpected(std::move(*problem));
    return std::move(made_);
  }

 private:
  bool is_server() const { return made_->role_ == TlsRole::server; }

  Problem build() {
    for (const std::string& name : options_.alpn) {
      if (name.empty() || name.size() > 255) return "ALPN names have 1 to 255 bytes";
      made_->alpn_wire_ += static_cast<char>(name.size());
      made_->alpn_wire_ += name;
    }
    const auto policy = policy_of(options_);
    if (!policy) return policy.error();
    policy_ = *policy;

    auto main = fresh();
    if (!main) return main.error();
    made_->native_ = std::move(*main);
    if (Problem problem = set_trust(made_->native_.get(), options_)) return problem;
    if (!options_.certfile.empty())
      if (Problem problem = show(made_->native_.get(), options_.certfile, options_.keyfile)) return problem;
    for (const TlsOptions::DomainCertificate& domain : options_.domains)
      if (Problem problem = add_domain(domain)) return problem;
    if (is_server() && made_->certificates_.empty())
      return "a TLS server needs a certificate; set certfile and keyfile, or let `meerkat cert` make one";
    return std::nullopt;
  }

  // Everything but certificates and trust.
  std::expected<SslContextHandle, std::string> fresh() {
    SslContextHandle handle{SSL_CTX_new(TLS_method())};
    if (!handle) return std::unexpected("OpenSSL gives no context: " + take_tls_error());
    SSL_CTX* context = handle.get();
    if (Problem problem = set_versions(context, options_.versions)) return std::unexpected(*problem);
    if (Problem problem = set_ciphers(context, options_.ciphers)) return std::unexpected(*problem);
    if (Problem problem = set_dh_parameters(context, options_.dhfile)) return std::unexpected(*problem);
    SSL_CTX_set1_groups_list(context, good_groups);
    // Our order, except that a client without AES instructions, which puts ChaCha20 first, gets that.
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, policy_.data(), policy_.size());
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_timeout(context, ticket_lifetime);
    if (is_server()) SSL_CTX_set_max_cert_list(context, largest_client_chain);
    SSL_CTX_set_verify_depth(context, longest_peer_chain);
    set_tickets(context);
    set_tls_callbacks(context, *made_, verify_flags());
    if (options_.keep_secrets) write_key_log(context);
    return handle;
  }

  void set_tickets(SSL_CTX* context) const {
    if (!is_server()) return;
    const bool wanted = options_.session_tickets && made_->tickets_ != nullptr;
    check(wanted || !options_.session_tickets, "session tickets need ticket keys");
    SSL_CTX_set_num_tickets(context, wanted ? 1 : 0);
    if (!wanted) SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  }

  int verify_flags() const {
    const bool verifies = options_.verify_mode != TlsOptions::Verify::none;
    if (!is_server()) return verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    if (!verifies) return options_.request_client_certificate ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    return SSL_VERIFY_PEER | (options_.disconnect_on_failure ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  }

  Problem show(SSL_CTX* context, const std::filesystem::path& certfile, const std::filesystem::path& keyfile) {
    auto chains = read_chains(certfile, keyfile, options_.password);
    if (!chains) return chains.error();
    for (const CertificateChain& chain : *chains) {
      STACK_OF(X509)* authorities = sk_X509_new_null();
      for (const CertificateHandle& authority : chain.authorities) sk_X509_push(authorities, authority.get());
      const int used = SSL_CTX_use_cert_and_key(context, chain.leaf.get(), chain.key.get(), authorities, 1);
      sk_X509_free(authorities);
      if (used != 1)
        return "OpenSSL refuses the certificate " + certfile.string() + " (" + take_tls_error() +
               "); RSA keys need 2048 bits or more";
      made_->certificates_.push_back(facts_of(*chain.leaf, certfile));
    }
    return std::nullopt;
  }

  Problem add_domain(const TlsOptions::DomainCertificate& domain) {
    if (made_->certificates_.empty())
      // Whoever asks for no domain, or for a foreign one, gets the first.
      if (Problem problem = show(made_->native_.get(), domain.certfile, domain.keyfile)) return problem;
    SslContextHandle& context = made_->by_domain_[lower(domain.domain)];
    if (!context) {
      auto one_more = fresh();
      if (!one_more) return one_more.error();
      context = std::move(*one_more);
      SSL_CTX_set1_cert_store(context.get(), SSL_CTX_get_cert_store(made_->native_.get()));
    }
    return show(context.get(), domain.certfile, domain.keyfile);
  }

  const TlsOptions& options_;
  std::shared_ptr<TlsContext> made_;
  std::array<unsigned char, 32> policy_{};
};

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::make(const TlsOptions& options, TlsRole role,
                                                                               std::shared_ptr<TlsTicketKeys> tickets) {
  return TlsContextMaker{options, role, std::move(tickets)}.make();
}

ssl_ctx_st* TlsContext::for_server_name(std::string_view name) const {
  const std::string wanted = lower(name);
  if (const auto exact = by_domain_.find(wanted); exact != by_domain_.end()) return exact->second.get();
  const auto dot = wanted.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto wildcard = by_domain_.find("*" + wanted.substr(dot));
  return wildcard != by_domain_.end() ? wildcard->second.get() : nullptr;
}

}  // namespace meerkat
