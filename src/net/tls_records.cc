// SPDX-License-Identifier: Apache-2.0
#include "net/tls_records.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <openssl/ssl.h>

namespace meerkat {
namespace {

using namespace tls_record;

constexpr int warning = 1;
constexpr int fatal = 2;
constexpr unsigned char key_update = 24;

unsigned char byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

bool TlsRecords::start(TlsSuite suite, const Direction& receiving, const Direction& sending) {
  return receiving_.start(suite, receiving.secret, receiving.sequence) &&
         sending_.start(suite, sending.secret, sending.sequence);
}

TlsVerdict TlsRecords::open(std::string_view record, std::string& plain, std::string& out) {
  if (byte_at(record, 0) != std::to_underlying(TlsContent::application_data))
    return fail(SSL_AD_UNEXPECTED_MESSAGE, "a record that is not encrypted", out);
  if (record.size() > header_size + largest_body) return fail(SSL_AD_RECORD_OVERFLOW, "a record is too long", out);

  const std::size_t before = plain.size();
  std::optional<std::size_t> opened;
  plain.resize_and_overwrite(before + record.size(), [&](char* text, std::size_t) noexcept {
    opened = receiving_.open(record, text + before);
    return before + opened.value_or(0);
  });
  if (!opened) return fail(SSL_AD_BAD_RECORD_MAC, "a record was changed on its way, or came out of order", out);

  // RFC 8446 §5.4: behind the content its kind, behind that zeros. They count for the bound as well.
  std::size_t end = plain.size();
  while (end > before && plain[end - 1] == '\0') --end;
  if (*opened > largest_content + 1 || end == before) {
    plain.resize(before);
    if (*opened > largest_content + 1) return fail(SSL_AD_RECORD_OVERFLOW, "a record holds too much", out);
    return fail(SSL_AD_UNEXPECTED_MESSAGE, "a record of nothing but padding", out);
  }
  const auto kind = static_cast<TlsContent>(byte_at(plain, end - 1));
  if (kind == TlsContent::application_data && handshake_size_ == 0) {
    plain.resize(end - 1);
    return {};
  }
  const std::string message = plain.substr(before, end - 1 - before);
  plain.resize(before);
  if (kind == TlsContent::handshake) return heard_handshake(message, out);
  if (kind == TlsContent::alert) return heard_alert(message, out);
  return fail(SSL_AD_UNEXPECTED_MESSAGE, "a record of a kind that has no place here", out);
}

TlsVerdict TlsRecords::refuse(std::string_view header, std::string& out) {
  if (byte_at(header, 0) != std::to_underlying(TlsContent::application_data))
    return fail(SSL_AD_UNEXPECTED_MESSAGE, "what came is not an encrypted record", out);
  if (byte_at(header, 1) != 3) return fail(SSL_AD_DECODE_ERROR, "what came is not a record", out);
  return fail(SSL_AD_RECORD_OVERFLOW, "a record is too long", out);
}

// RFC 8446 §6: one alert fills one record; its level says nothing any more.
TlsVerdict TlsRecords::heard_alert(std::string_view message, std::string& out) {
  if (message.size() != 2) return fail(SSL_AD_DECODE_ERROR, "an alert that is none", out);
  const int alert = byte_at(message, 1);
  if (alert == SSL_AD_CLOSE_NOTIFY) return {.status = TlsStatus::closed, .because = {}};
  if (alert == SSL_AD_USER_CANCELLED) return {};  // close_notify follows
  return {.status = TlsStatus::failed,
          .because = std::string{"the other side says: "} + SSL_alert_desc_string_long(alert)};
}

// RFC 8446 §4.6: of all messages, a client that was not asked for a certificate may send KeyUpdate only.
TlsVerdict TlsRecords::heard_handshake(std::string_view message, std::string& out) {
  if (message.empty()) return fail(SSL_AD_UNEXPECTED_MESSAGE, "an empty record of the handshake", out);
  const std::size_t taken = std::min(message.size(), handshake_.size() - handshake_size_);
  std::copy_n(message.begin(), taken, handshake_.begin() + handshake_size_);
  handshake_size_ = static_cast<std::uint8_t>(handshake_size_ + taken);

  if (handshake_[0] != key_update)
    return fail(SSL_AD_UNEXPECTED_MESSAGE, "a message of the handshake after its end", out);
  if (handshake_size_ >= 4 && (handshake_[1] != 0 || handshake_[2] != 0 || handshake_[3] != 1))
    return fail(SSL_AD_DECODE_ERROR, "a key update of a wrong length", out);
  if (message.size() > taken) return fail(SSL_AD_UNEXPECTED_MESSAGE, "a key update does not end its record", out);
  if (handshake_size_ < handshake_.size()) return {};
  handshake_size_ = 0;
  return heard_key_update(handshake_[4], out);
}

TlsVerdict TlsRecords::heard_key_update(unsigned char request, std::string& out) {
  if (request != SSL_KEY_UPDATE_NOT_REQUESTED && request != SSL_KEY_UPDATE_REQUESTED)
    return fail(SSL_AD_ILLEGAL_PARAMETER, "a key update that asks for something unknown", out);
  if (!receiving_.update()) return fail(SSL_AD_INTERNAL_ERROR, "no new key to read with", out);
  if (request == SSL_KEY_UPDATE_REQUESTED) owes_update_ = true;
  return {};
}

bool TlsRecords::send(std::string_view plaintext, std::string& out) {
  if (write_closed_) return false;
  while (!plaintext.empty()) {
    const bool due = owes_update_ || sending_.sequence() >= most_under_one_key;
    if (due && !update_keys(Answer::unwanted, out)) return false;
    const std::string_view piece = plaintext.substr(0, largest_content);
    if (!sending_.seal(TlsContent::application_data, piece, out)) return false;
    plaintext.remove_prefix(piece.size());
  }
  return true;
}

bool TlsRecords::update_keys(Answer answer, std::string& out) {
  if (write_closed_) return false;
  const int request = answer == Answer::wanted ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED;
  const std::array<char, 5> message{key_update, 0, 0, 1, static_cast<char>(request)};
  owes_update_ = false;
  return sending_.seal(TlsContent::handshake, {message.data(), message.size()}, out) && sending_.update();
}

void TlsRecords::close(std::string& out) { say(warning, SSL_AD_CLOSE_NOTIFY, out); }

TlsVerdict TlsRecords::fail(int alert, std::string because, std::string& out) {
  say(fatal, alert, out);
  return {.status = TlsStatus::failed, .because = std::move(because)};
}

void TlsRecords::say(int level, int alert, std::string& out) {
  if (write_closed_) return;
  write_closed_ = true;
  const std::array<char, 2> message{static_cast<char>(level), static_cast<char>(alert)};
  // Without memory there is no alert, and the connection ends without one.
  std::ignore = sending_.seal(TlsContent::alert, {message.data(), message.size()}, out);
}

}  // namespace meerkat
