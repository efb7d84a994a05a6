// SPDX-License-Identifier: Apache-2.0
// The client's side of SCRAM (RFC 5802, RFC 7677), without channel binding. Keys are derived once per salt.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "xmpp/sasl_crypto.h"

namespace meerkat::bench {

// What PBKDF2 gave for the one password of all users; one per thread.
class DerivedKeys {
 public:
  struct Keys {
    Digest client_key, stored_key, server_key;
  };

  explicit DerivedKeys(std::string password) : password_(std::move(password)) {}

  // Takes milliseconds the first time a salt is seen.
  const Keys& find(ScramHash hash, std::string_view salt, std::uint32_t iterations);
  std::size_t derived() const { return keys_.size(); }

 private:
  const std::string password_;
  std::map<std::tuple<std::string, std::uint32_t, ScramHash>, Keys> keys_;
};

// One exchange: text in, text out, base64 is the stream's affair. Errors are in words.
class ScramClient {
 public:
  ScramClient(ScramHash hash, std::string_view user, std::string nonce);

  std::string client_first() const { return "n,," + first_bare_; }
  std::expected<std::string, std::string> answer(std::string_view server_first, DerivedKeys& keys);
  // Whether the server knows the password too.
  bool proves_server(std::string_view server_final) const;

 private:
  ScramHash hash_;
  std::string nonce_;
  std::string first_bare_;
  std::string server_signature_;  // in base64
};

}  // namespace meerkat::bench
