// SPDX-License-Identifier: Apache-2.0
#include "net/tls_lean.h"

#include "net/tls_traffic_key.h"

#include <optional>
#include <span>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace meerkat {
namespace {

using namespace tls_record;

struct Secret {
  std::array<unsigned char, 48> bytes{};
  std::size_t size = 0;

  std::span<const unsigned char> view() const { return std::span{bytes}.first(size); }
};

// Lives from the server's Finished to the end of the handshake, and belongs to OpenSSL's session.
struct TrafficSecrets {
  Secret client;
  Secret server;

  TrafficSecrets() = default;
  ~TrafficSecrets() {
    OPENSSL_cleanse(client.bytes.data(), client.bytes.size());
    OPENSSL_cleanse(server.bytes.data(), server.bytes.size());
  }
  TrafficSecrets(const TrafficSecrets&) = delete;
  TrafficSecrets& operator=(const TrafficSecrets&) = delete;
};

void forget_secrets(void* /*parent*/, void* secrets, CRYPTO_EX_DATA* /*all*/, int /*index*/, long /*number*/,
                    void* /*pointer*/) noexcept {
  delete static_cast<TrafficSecrets*>(secrets);
}

// Where sessions keep their secrets; -1 when OpenSSL has no place for them, and then nobody goes lean.
int place_of_secrets() {
  static const int place = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, forget_secrets);
  return place;
}

TrafficSecrets* secrets_of(SSL* session) {
  const int place = place_of_secrets();
  if (place < 0) return nullptr;
  auto* secrets = static_cast<TrafficSecrets*>(SSL_get_ex_data(session, place));
  if (secrets != nullptr) return secrets;
  auto fresh = std::make_unique<TrafficSecrets>();
  return SSL_set_ex_data(session, place, fresh.get()) == 1 ? fresh.release() : nullptr;
}

// Of "LABEL CLIENT_RANDOM SECRET", where the latter two are hexadecimal.
void read_secret(const char* line, Secret& into) {
  const std::string_view text{line};
  const auto last_space = text.rfind(' ');
  if (OPENSSL_hexstr2buf_ex(into.bytes.data(), into.bytes.size(), &into.size, line + last_space + 1, '\0') != 1)
    into.size = 0;
}

// OpenSSL's one way to tell its traffic secrets. Nothing is written anywhere else.
void secret_was_made(const SSL* session, const char* line) noexcept try {
  const std::string_view text{line};
  const bool is_client = text.starts_with("CLIENT_TRAFFIC_SECRET_0 ");
  if (!is_client && !text.starts_with("SERVER_TRAFFIC_SECRET_0 ")) return;
  TrafficSecrets* secrets = secrets_of(const_cast<SSL*>(session));
  if (secrets != nullptr) read_secret(line, is_client ? secrets->client : secrets->server);
} catch (...) {
  return;  // no memory: this session stays with OpenSSL
}

// How many records `sent` consists of, when it is nothing but whole records with application keys.
std::optional<std::uint64_t> count_records(std::string_view sent) {
  std::uint64_t count = 0;
  for (; !sent.empty(); ++count) {
    if (sent.size() < header_size || sent[0] != static_cast<char>(TlsContent::application_data)) return std::nullopt;
    if (sent.size() < size_of(sent)) return std::nullopt;
    sent.remove_prefix(size_of(sent));
  }
  return count;
}

// That OpenSSL sealed `sent` with the secret we have, from number 0 on: a proof of our key schedule in each session
// that got a ticket.
bool opens(TlsSuite suite, const Secret& secret, std::string_view sent) {
  TlsTrafficKey key;
  if (!key.start(suite, secret.view(), 0)) return false;
  std::string plain(sent.size(), '\0');
  while (!sent.empty()) {
    const std::size_t size = size_of(sent);
    if (!key.open(sent.substr(0, size), plain.data())) return false;
    sent.remove_prefix(size);
  }
  return true;
}

bool take(SSL* session, const TrafficSecrets& secrets, std::string_view sent, TlsRecords& records) {
  const SSL_CIPHER* cipher = SSL_get_current_cipher(session);
  if (cipher == nullptr || SSL_version(session) != TLS1_3_VERSION || SSL_is_server(session) != 1) return false;
  if (SSL_in_init(session) == 1 || SSL_has_pending(session) == 1 || SSL_get_shutdown(session) != 0) return false;
  const auto suite = tls_suite(SSL_CIPHER_get_protocol_id(cipher));
  const auto sent_records = count_records(sent);
  if (!suite || !sent_records || !opens(*suite, secrets.server, sent)) return false;
  return records.start(*suite, {.secret = secrets.client.view(), .sequence = 0},
                       {.secret = secrets.server.view(), .sequence = *sent_records});
}

}  // namespace

void keep_traffic_secrets(ssl_ctx_st* context) { SSL_CTX_set_keylog_callback(context, secret_was_made); }

bool take_lean_records(ssl_st* session, std::string_view sent, TlsRecords& records) {
  const int place = place_of_secrets();
  if (place < 0) return false;
  const std::unique_ptr<TrafficSecrets> secrets{static_cast<TrafficSecrets*>(SSL_get_ex_data(session, place))};
  SSL_set_ex_data(session, place, nullptr);
  const bool taken = secrets != nullptr && take(session, *secrets, sent, records);
  ERR_clear_error();
  return taken;
}

}  // namespace meerkat
