// SPDX-License-Identifier: Apache-2.0
// The record protocol of TLS 1.3 after the handshake, without OpenSSL's session: application data, alerts, key updates.
// RFC 8446 §4.6.3, §5, §6. Why it is here: docs/decisions/0009-lean-tls-records.md
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/tls_traffic_key.h"

namespace meerkat {

enum class TlsStatus : std::uint8_t {
  ok,
  closed,  // close_notify came; what we still have to say may be sent
  failed,  // the reason is told in words; the alert was written: send it, then close
};

struct TlsVerdict {
  TlsStatus status = TlsStatus::ok;
  std::string because;  // when failed
};

// Both directions. Whole records come in, one at a time; keeps no bytes of the stream. Its owner stops asking after a
// verdict other than ok, except for sending after `closed`.
class TlsRecords final {
 public:
  struct Direction {
    std::span<const unsigned char> secret;
    std::uint64_t sequence = 0;  // of the next record
  };
  enum class Answer : std::uint8_t { unwanted, wanted };

  // Before anything else.
  [[nodiscard]] bool start(TlsSuite suite, const Direction& receiving, const Direction& sending);

  // Appends what was said to `plain`, and answers and alerts to `out`.
  TlsVerdict open(std::string_view record, std::string& plain, std::string& out);
  // For what does not look like a record: says so to the other side.
  TlsVerdict refuse(std::string_view header, std::string& out);

  // Seals all of `plaintext`. False when OpenSSL could not, or after `close`.
  [[nodiscard]] bool send(std::string_view plaintext, std::string& out);
  // A new key for what we send; with Answer::wanted, the other side shall do the same.
  [[nodiscard]] bool update_keys(Answer answer, std::string& out);
  // close_notify, and nothing ever after it.
  void close(std::string& out);

  TlsSuite suite() const { return sending_.suite(); }

 private:
  TlsVerdict heard_alert(std::string_view message, std::string& out);
  TlsVerdict heard_handshake(std::string_view message, std::string& out);
  TlsVerdict heard_key_update(unsigned char request, std::string& out);
  TlsVerdict fail(int alert, std::string because, std::string& out);
  void say(int level, int alert, std::string& out);

  TlsTrafficKey sending_;
  TlsTrafficKey receiving_;
  std::array<unsigned char, 5> handshake_{};  // a KeyUpdate, which may come in pieces (RFC 8446 §5.1)
  std::uint8_t handshake_size_ = 0;
  bool owes_update_ = false;  // asked for; it goes before the next data, so that many requests get one answer
  bool write_closed_ = false;
};

}  // namespace meerkat
