// SPDX-License-Identifier: Apache-2.0
#include "net/tls_traffic_key.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/tls1.h>

namespace meerkat {
namespace {

using namespace tls_record;

struct SuiteFacts {
  const char* name;
  unsigned number;
  std::size_t key_size;
  std::size_t secret_size;  // of its hash
  const EVP_CIPHER* (*cipher)();
  const char* digest;
};

constexpr std::array<SuiteFacts, 3> suites{{
    {TLS1_3_RFC_AES_128_GCM_SHA256, TLS1_3_CK_AES_128_GCM_SHA256 & 0xffffU, 16, 32, EVP_aes_128_gcm, "SHA256"},
    {TLS1_3_RFC_AES_256_GCM_SHA384, TLS1_3_CK_AES_256_GCM_SHA384 & 0xffffU, 32, 48, EVP_aes_256_gcm, "SHA384"},
    {TLS1_3_RFC_CHACHA20_POLY1305_SHA256, TLS1_3_CK_CHACHA20_POLY1305_SHA256 & 0xffffU, 32, 32, EVP_chacha20_poly1305,
     "SHA256"},
}};

const SuiteFacts& facts_of(TlsSuite suite) { return suites[std::to_underlying(suite)]; }

struct FreeWork {
  void operator()(EVP_CIPHER_CTX* cipher) const noexcept { EVP_CIPHER_CTX_free(cipher); }
  void operator()(EVP_MAC_CTX* mac) const noexcept { EVP_MAC_CTX_free(mac); }
};

// One of a thread's ciphers. Consecutive records under one key skip the key schedule.
struct Cipher {
  std::unique_ptr<EVP_CIPHER_CTX, FreeWork> work;
  std::array<unsigned char, 32> key{};
  bool keyed = false;

  Cipher() = default;
  ~Cipher() { OPENSSL_cleanse(key.data(), key.size()); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  bool make(const SuiteFacts& facts, bool sealing) {
    work.reset(EVP_CIPHER_CTX_new());
    return work && EVP_CipherInit_ex(work.get(), facts.cipher(), nullptr, nullptr, nullptr, sealing ? 1 : 0) == 1;
  }

  bool prepare(const std::array<unsigned char, 32>& wanted, const std::array<unsigned char, 12>& nonce) {
    const bool same = keyed && std::memcmp(key.data(), wanted.data(), key.size()) == 0;
    keyed = EVP_CipherInit_ex(work.get(), nullptr, nullptr, same ? nullptr : wanted.data(), nonce.data(), -1) == 1;
    if (!same) key = wanted;
    return keyed;
  }
};

enum class Doing : std::uint8_t { sealing, opening };

// Of the calling thread; nullptr when OpenSSL has no memory for it.
Cipher* cipher_for(TlsSuite suite, Doing what) {
  thread_local std::array<std::array<Cipher, 2>, suites.size()> ciphers;
  Cipher& cipher = ciphers[std::to_underlying(suite)][std::to_underlying(what)];
  if (!cipher.work && !cipher.make(facts_of(suite), what == Doing::sealing)) {
    cipher.work.reset();
    return nullptr;
  }
  return &cipher;
}

EVP_MAC_CTX* make_hmac(const char* digest) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  EVP_MAC_CTX* work = EVP_MAC_CTX_new(hmac);
  EVP_MAC_free(hmac);  // the work holds it
  std::array<char, 8> name{};
  std::copy_n(digest, std::strlen(digest), name.begin());
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                              OSSL_PARAM_construct_end()};
  if (work != nullptr && EVP_MAC_CTX_set_params(work, parameters.data()) == 1) return work;
  EVP_MAC_CTX_free(work);
  return nullptr;
}

EVP_MAC_CTX* hmac_for(TlsSuite suite) {
  thread_local std::array<std::unique_ptr<EVP_MAC_CTX, FreeWork>, suites.size()> macs;
  auto& mac = macs[std::to_underlying(suite)];
  if (!mac) mac.reset(make_hmac(facts_of(suite).digest));
  return mac.get();
}

// RFC 8446 §7.1 with an empty context. Whatever we derive is no longer than the hash, so that HKDF-Expand (RFC 5869
// §2.3) is its first block.
bool expand_label(TlsSuite suite, std::span<const unsigned char> secret, std::string_view label,
                  std::span<unsigned char> into) {
  std::string info{'\0', static_cast<char>(into.size()), static_cast<char>(6 + label.size())};
  info.append("tls13 ").append(label).append({'\0', '\1'});  // no context; the number of the block
  std::array<unsigned char, EVP_MAX_MD_SIZE> block{};
  std::size_t size = 0;
  EVP_MAC_CTX* mac = hmac_for(suite);
  const bool done = mac != nullptr && EVP_MAC_init(mac, secret.data(), secret.size(), nullptr) == 1 &&
                    EVP_MAC_update(mac, reinterpret_cast<const unsigned char*>(info.data()), info.size()) == 1 &&
                    EVP_MAC_final(mac, block.data(), &size, block.size()) == 1 && size >= into.size();
  if (done) std::copy_n(block.begin(), into.size(), into.begin());
  OPENSSL_cleanse(block.data(), block.size());
  return done;
}

void write_header(char* into, std::size_t body) {
  into[0] = static_cast<char>(TlsContent::application_data);
  into[1] = 3;
  into[2] = 3;
  into[3] = static_cast<char>(body >> 8);
  into[4] = static_cast<char>(body & 0xff);
}

// Seals `size` bytes in place behind their header, and writes the tag behind them.
bool seal_in_place(EVP_CIPHER_CTX* work, unsigned char* record, std::size_t size) {
  unsigned char* text = record + header_size;
  int count = 0;
  return EVP_CipherUpdate(work, nullptr, &count, record, header_size) == 1 &&
         EVP_CipherUpdate(work, text, &count, text, static_cast<int>(size)) == 1 &&
         EVP_CipherFinal_ex(work, text + count, &count) == 1 &&
         EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_AEAD_GET_TAG, tag_size, text + size) == 1;
}

bool open_into(EVP_CIPHER_CTX* work, const unsigned char* record, std::size_t size, unsigned char* plain) {
  const unsigned char* text = record + header_size;
  int count = 0;
  return EVP_CIPHER_CTX_ctrl(work, EVP_CTRL_AEAD_SET_TAG, tag_size, const_cast<unsigned char*>(text + size)) == 1 &&
         EVP_CipherUpdate(work, nullptr, &count, record, header_size) == 1 &&
         EVP_CipherUpdate(work, plain, &count, text, static_cast<int>(size)) == 1 &&
         EVP_CipherFinal_ex(work, plain + count, &count) == 1;
}

}  // namespace

std::optional<TlsSuite> tls_suite(unsigned number) {
  for (std::size_t i = 0; i < suites.size(); ++i)
    if (suites[i].number == number) return static_cast<TlsSuite>(i);
  return std::nullopt;
}

const char* name_of(TlsSuite suite) { return facts_of(suite).name; }

TlsTrafficKey::~TlsTrafficKey() {
  OPENSSL_cleanse(key_.data(), key_.size());
  OPENSSL_cleanse(iv_.data(), iv_.size());
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

bool TlsTrafficKey::start(TlsSuite suite, std::span<const unsigned char> secret, std::uint64_t sequence) {
  if (secret.size() != facts_of(suite).secret_size) return false;
  suite_ = suite;
  std::ranges::copy(secret, secret_.begin());
  sequence_ = sequence;
  return derive();
}

bool TlsTrafficKey::update() {
  const std::size_t size = facts_of(suite_).secret_size;
  std::array<unsigned char, 48> next{};
  const bool done = expand_label(suite_, std::span{secret_}.first(size), "traffic upd", std::span{next}.first(size));
  secret_ = next;
  OPENSSL_cleanse(next.data(), next.size());
  sequence_ = 0;
  return done && derive();
}

bool TlsTrafficKey::derive() {
  const SuiteFacts& facts = facts_of(suite_);
  const auto secret = std::span{secret_}.first(facts.secret_size);
  return expand_label(suite_, secret, "key", std::span{key_}.first(facts.key_size)) &&
         expand_label(suite_, secret, "iv", iv_);
}

// RFC 8446 §5.3.
TlsTrafficKey::Nonce TlsTrafficKey::next_nonce() const {
  Nonce nonce = iv_;
  for (std::size_t i = 0; i < sizeof sequence_; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<unsigned char>(sequence_ >> (8 * i));
  return nonce;
}

bool TlsTrafficKey::seal(TlsContent kind, std::string_view content, std::string& out, std::size_t padding) {
  Cipher* cipher = cipher_for(suite_, Doing::sealing);
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) return false;
  if (cipher == nullptr || !cipher->prepare(key_, next_nonce())) return false;
  const std::size_t before = out.size();
  const std::size_t inner = content.size() + 1 + padding;
  const std::size_t after = before + header_size + inner + tag_size;
  bool done = false;
  // The size that libstdc++ 12 passes may be the capacity instead; ours is right.
  out.resize_and_overwrite(after, [&](char* bytes, std::size_t) noexcept {
    char* record = bytes + before;
    write_header(record, inner + tag_size);
    char* text = record + header_size;
    std::ranges::copy(content, text);
    text[content.size()] = static_cast<char>(kind);
    std::fill_n(text + content.size() + 1, padding, '\0');
    done = seal_in_place(cipher->work.get(), reinterpret_cast<unsigned char*>(record), inner);
    return done ? after : before;
  });
  ++sequence_;  // even when it failed: no nonce is used twice
  return done;
}

std::optional<std::size_t> TlsTrafficKey::open(std::string_view record, char* plain) {
  if (record.size() < header_size + tag_size || sequence_ == std::numeric_limits<std::uint64_t>::max())
    return std::nullopt;
  Cipher* cipher = cipher_for(suite_, Doing::opening);
  if (cipher == nullptr || !cipher->prepare(key_, next_nonce())) return std::nullopt;
  const std::size_t size = record.size() - header_size - tag_size;
  if (!open_into(cipher->work.get(), reinterpret_cast<const unsigned char*>(record.data()), size,
                 reinterpret_cast<unsigned char*>(plain)))
    return std::nullopt;
  ++sequence_;
  return size;
}

}  // namespace meerkat
