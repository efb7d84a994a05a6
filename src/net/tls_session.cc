// SPDX-License-Identifier: Apache-2.0
#include "net/tls_session.h"

#include "base/check.h"
#include "net/tls_bio.h"
#include "net/tls_error.h"
#include "net/tls_lean.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace meerkat {
namespace {

using tls_record::header_size;

constexpr std::size_t largest_body = 16384 + 2048;  // RFC 5246 §6.2.3; OpenSSL holds TLS 1.3 to its smaller bound
constexpr std::size_t exporter_size = 32;

// As measured with OpenSSL 3.0, half a handshake and a whole session.
constexpr std::size_t weight_of_handshake = 48'000;
constexpr std::size_t weight_of_openssl = 14'000;

// Key updates, tickets, warnings and empty records that a peer may send before it says something.
constexpr std::uint8_t most_idle_records = 32;

unsigned byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

std::string_view text_or_nothing(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;
TlsSession::~TlsSession() = default;

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context) : context_(std::move(context)) {
  if (context_->role() != TlsRole::server && !begin()) throw std::runtime_error("no TLS session: " + take_tls_error());
}

// A server needs OpenSSL from the first whole record on: whoever merely connects costs nothing.
bool TlsSession::begin() {
  ssl_.reset(SSL_new(context_->native()));
  if (!ssl_) return false;
  BIO* bytes = make_tls_bio().release();
  if (bytes == nullptr) return false;
  SSL_set_bio(ssl_.get(), bytes, bytes);
  context_->role() == TlsRole::server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  return true;
}

std::size_t TlsSession::weight() const {
  const std::size_t openssl = established_ ? weight_of_openssl : weight_of_handshake;
  return sizeof(TlsSession) + partial_.capacity() + (lean_ ? sizeof(TlsLean) : 0) + (ssl_ ? openssl : 0);
}

TlsSession::Status TlsSession::receive(std::string_view ciphertext, std::string& plain, std::string& out) {
  if (status_ != Status::ok) return status_;
  if (!partial_.empty()) {
    complete_partial(ciphertext, plain, out);
    if (status_ != Status::ok || !partial_.empty()) return status_;
  }
  while (ciphertext.size() >= header_size) {
    if (!looks_like_record(ciphertext)) return refuse(ciphertext, plain, out);
    const std::size_t size = tls_record::size_of(ciphertext);
    if (ciphertext.size() < size) break;
    if (open(ciphertext.substr(0, size), plain, out) != Status::ok) return status_;
    ciphertext.remove_prefix(size);
  }
  partial_.assign(ciphertext);
  return status_;
}

// Only what came of an unfinished record is kept, so that a slow or silent peer costs what it sent and no more.
void TlsSession::complete_partial(std::string_view& ciphertext, std::string& plain, std::string& out) {
  const auto fill_up_to = [&](std::size_t size) {
    const std::size_t taken = std::min(size - partial_.size(), ciphertext.size());
    partial_.append(ciphertext.substr(0, taken));
    ciphertext.remove_prefix(taken);
    return partial_.size() == size;
  };
  if (partial_.size() < header_size && !fill_up_to(header_size)) return;
  const bool is_record = looks_like_record(partial_);
  if (is_record && !fill_up_to(tls_record::size_of(partial_))) return;

  const std::string record = std::exchange(partial_, {});
  is_record ? open(record, plain, out) : refuse(record, plain, out);
}

// RFC 8446 §5.1. What does not look like a record is handed to OpenSSL as it is: it knows how to refuse.
bool TlsSession::looks_like_record(std::string_view header) const {
  const unsigned kind = byte_at(header, 0);
  return kind >= SSL3_RT_CHANGE_CIPHER_SPEC && kind <= SSL3_RT_APPLICATION_DATA && byte_at(header, 1) == 3 &&
         tls_record::size_of(header) <= header_size + (lean_ ? tls_record::largest_body : largest_body);
}

TlsSession::Status TlsSession::refuse(std::string_view garbage, std::string& plain, std::string& out) {
  if (lean_) return fail("TLS record", lean_->records.refuse(garbage, out).because);
  if (open(garbage, plain, out) != Status::ok) return status_;
  return fail("TLS record", "what came is not TLS");
}

TlsSession::Status TlsSession::open(std::string_view record, std::string& plain, std::string& out) {
  if (lean_) return open_lean(record, plain, out);
  ERR_clear_error();
  if (!ssl_ && !begin()) return fail("TLS handshake", take_tls_error());
  const std::size_t before = plain.size();
  {
    const TlsTransfer transfer{record, out};
    if (!established_) {
      const std::size_t sent_before = out.size();
      const int outcome = SSL_do_handshake(ssl_.get());
      if (outcome != 1) return after(outcome, "TLS handshake");
      established_ = true;
      if (transfer.exhausted()) {
        let_go_of_openssl(std::string_view{out}.substr(sent_before));
        return status_;
      }
    }
    if (read(record.size(), plain) != Status::ok) return status_;
  }
  return heard(plain.size() > before, out);
}

TlsSession::Status TlsSession::open_lean(std::string_view record, std::string& plain, std::string& out) {
  const std::size_t before = plain.size();
  const TlsVerdict verdict = lean_->records.open(record, plain, out);
  if (verdict.status == Status::failed) return fail("TLS", verdict.because);
  status_ = verdict.status;
  return status_ == Status::ok ? heard(plain.size() > before, out) : status_;
}

TlsSession::Status TlsSession::heard(bool something, std::string& out) {
  if (something) {
    idle_records_ = 0;
    return status_;
  }
  if (++idle_records_ <= most_idle_records) return status_;
  close(out);
  return fail("TLS", "too many key updates or empty records in a row");
}

// The handshake has just ended, and every byte that came has been used up. `sent` went out with its end.
void TlsSession::let_go_of_openssl(std::string_view sent) {
  if (!context_->lean_records()) return;
  auto lean = std::make_unique<TlsLean>();
  const std::string exporter = tls_exporter();
  if (exporter.size() != lean->exporter.size() || !take_lean_records(ssl_.get(), sent, lean->records)) return;
  std::ranges::copy(exporter, lean->exporter.begin());
  lean->resumed = resumed();
  if (lean->resumed) lean->first_end_point = std::make_unique<std::string>(tls_server_end_point());
  lean->shown = SSL_get_certificate(ssl_.get());
  if (const std::string name = server_name(); !name.empty()) {
    lean->server_name = std::make_unique<char[]>(name.size() + 1);
    std::ranges::copy(name, lean->server_name.get());
  }
  if (std::string name = alpn(); !name.empty()) lean->alpn = std::make_unique<std::string>(std::move(name));
  if (PeerCertificate shown = peer(); shown.present) lean->peer = std::make_unique<PeerCertificate>(std::move(shown));
  lean_ = std::move(lean);
  ssl_.reset();
}

// One call opens one record, whose plaintext is never longer than the record itself.
TlsSession::Status TlsSession::read(std::size_t at_most, std::string& plain) {
  const std::size_t before = plain.size();
  int outcome = 0;
  plain.resize_and_overwrite(before + at_most, [&](char* text, std::size_t) noexcept {
    std::size_t count = 0;
    outcome = SSL_read_ex(ssl_.get(), text + before, at_most, &count);
    return before + (outcome == 1 ? count : 0);
  });
  return outcome == 1 ? status_ : after(outcome, "TLS");
}

TlsSession::Status TlsSession::after(int outcome, std::string_view doing) {
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
      return status_;
    case SSL_ERROR_ZERO_RETURN:
      return status_ = Status::closed;
    default:
      break;
  }
  std::string reason = take_tls_error();
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (!established_ && verdict != X509_V_OK) reason += std::string{" ("} + X509_verify_cert_error_string(verdict) + ")";
  return fail(doing, reason);
}

TlsSession::Status TlsSession::fail(std::string_view doing, std::string_view reason) {
  failure_ = std::string{doing} + ": " + std::string{reason};
  partial_ = {};
  return status_ = Status::failed;
}

TlsSession::Status TlsSession::start(std::string& out) {
  if (context_->role() == TlsRole::server || established_ || status_ != Status::ok) return status_;
  ERR_clear_error();
  const TlsTransfer transfer{{}, out};
  return after(SSL_do_handshake(ssl_.get()), "TLS handshake");
}

TlsSession::Status TlsSession::send(std::string_view plaintext, std::string& out) {
  if (status_ == Status::failed) return status_;
  check(established_, "TLS sends after the handshake only");
  if (said_goodbye_) return Status::closed;
  if (plaintext.empty()) return Status::ok;
  if (lean_) return lean_->records.send(plaintext, out) ? Status::ok : fail("TLS", "a record cannot be sealed");
  ERR_clear_error();
  const TlsTransfer transfer{{}, out};
  std::size_t written = 0;
  const int outcome = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
  if (outcome != 1) return fail("TLS", take_tls_error());
  return Status::ok;
}

TlsSession::Status TlsSession::update_keys(std::string& out) {
  if (status_ != Status::ok || !established_ || said_goodbye_) return status_;
  if (lean_) {
    if (lean_->records.update_keys(TlsRecords::Answer::wanted, out)) return status_;
    return fail("TLS key update", "no new key to write with");
  }
  if (SSL_version(ssl_.get()) != TLS1_3_VERSION) return status_;
  ERR_clear_error();
  const TlsTransfer transfer{{}, out};
  if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) != 1) return fail("TLS key update", take_tls_error());
  return after(SSL_do_handshake(ssl_.get()), "TLS key update");
}

void TlsSession::close(std::string& out) {
  if (!established_ || said_goodbye_ || status_ == Status::failed) return;
  said_goodbye_ = true;
  if (lean_) return lean_->records.close(out);
  ERR_clear_error();
  const TlsTransfer transfer{{}, out};
  SSL_shutdown(ssl_.get());
}

// RFC 9266 §2: no secret of a handshake without extended master secret is bound to that handshake alone.
std::string TlsSession::tls_exporter() const {
  if (lean_) return {lean_->exporter.data(), lean_->exporter.size()};
  if (!established_) return {};
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  const bool is_bound = SSL_version(ssl_.get()) >= TLS1_3_VERSION || SSL_get_extms_support(ssl_.get()) == 1;
  if (!is_bound) return {};
  std::array<unsigned char, exporter_size> key{};
  // The context is present and empty: not the same as absent in TLS 1.2 (RFC 5705 §4).
  if (SSL_export_keying_material(ssl_.get(), key.data(), key.size(), label.data(), label.size(), key.data(), 0, 1) != 1)
    return {};
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string TlsSession::tls_server_end_point() const {
  if (!established_) return {};
  if (lean_) {
    if (lean_->first_end_point) return *lean_->first_end_point;
    return lean_->shown != nullptr ? end_point_hash(*lean_->shown) : std::string{};
  }
  if (context_->role() == TlsRole::client) {
    const X509* shown = SSL_get0_peer_certificate(ssl_.get());
    return shown != nullptr ? end_point_hash(*shown) : std::string{};
  }
  if (resumed()) {
    void* hash = nullptr;
    std::size_t size = 0;
    if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl_.get()), &hash, &size) != 1) return {};
    return {static_cast<const char*>(hash), size};
  }
  const X509* shown = SSL_get_certificate(ssl_.get());
  return shown != nullptr ? end_point_hash(*shown) : std::string{};
}

std::string TlsSession::version() const { return lean_ ? "TLSv1.3" : SSL_get_version(ssl_.get()); }

std::string TlsSession::cipher() const {
  if (lean_) return name_of(lean_->records.suite());
  return std::string{text_or_nothing(SSL_get_cipher_name(ssl_.get()))};
}

std::string TlsSession::alpn() const {
  if (lean_) return lean_->alpn ? *lean_->alpn : std::string{};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsSession::server_name() const {
  if (lean_) return std::string{text_or_nothing(lean_->server_name.get())};
  return std::string{text_or_nothing(SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name))};
}

bool TlsSession::resumed() const { return lean_ ? lean_->resumed : SSL_session_reused(ssl_.get()) == 1; }

PeerCertificate TlsSession::peer() const {
  if (lean_ && lean_->peer) return *lean_->peer;
  const X509* shown = lean_ ? nullptr : SSL_get0_peer_certificate(ssl_.get());
  if (shown == nullptr) {
    PeerCertificate none;
    none.problem = "no certificate was shown";
    return none;
  }
  PeerCertificate certificate = read_peer_certificate(*shown);
  const long verdict = SSL_get_verify_result(ssl_.get());
  certificate.verified = established_ && verdict == X509_V_OK;
  certificate.self_signed = established_ && verdict == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT;
  if (verdict != X509_V_OK) certificate.problem = X509_verify_cert_error_string(verdict);
  return certificate;
}

void TlsSession::ask_for_server(const std::string& name) { SSL_set_tlsext_host_name(ssl_.get(), name.c_str()); }

void TlsSession::require_server_name(const std::string& name) {
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  check(SSL_set1_host(ssl_.get(), name.c_str()) == 1, "a server's name can be required");
}

void TlsSession::resume_with(std::string_view saved) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(saved.data());
  SSL_SESSION* session = d2i_SSL_SESSION(nullptr, &bytes, static_cast<long>(saved.size()));
  if (session != nullptr) SSL_set_session(ssl_.get(), session);
  SSL_SESSION_free(session);
}

std::string TlsSession::saved_session() const {
  if (lean_) return {};
  SSL_SESSION* session = SSL_get0_session(ssl_.get());
  if (!established_ || session == nullptr || SSL_SESSION_is_resumable(session) != 1) return {};
  std::string saved(static_cast<std::size_t>(std::max(i2d_SSL_SESSION(session, nullptr), 0)), '\0');
  auto* into = reinterpret_cast<unsigned char*>(saved.data());
  i2d_SSL_SESSION(session, &into);
  return saved;
}

}  // namespace meerkat
