// SPDX-License-Identifier: Apache-2.0
#include "admin/bench/scram_client.h"

#include <charconv>
#include <utility>

#include "base/text.h"

namespace meerkat::bench {
namespace {

// The value of `letter=` in a message of comma-separated attributes; empty when there is none.
std::string_view attribute(std::string_view message, char letter) {
  while (!message.empty()) {
    const std::size_t comma = message.find(',');
    const std::string_view part = message.substr(0, comma);
    if (part.size() >= 2 && part[0] == letter && part[1] == '=') return part.substr(2);
    if (comma == std::string_view::npos) break;
    message.remove_prefix(comma + 1);
  }
  return {};
}

// RFC 5802 §5.1.
std::string saslname(std::string_view user) {
  std::string out;
  for (const char c : user) {
    if (c == ',')
      out += "=2C";
    else if (c == '=')
      out += "=3D";
    else
      out += c;
  }
  return out;
}

constexpr std::uint32_t most_iterations = 10'000'000;

}  // namespace

const DerivedKeys::Keys& DerivedKeys::find(ScramHash hash, std::string_view salt, std::uint32_t iterations) {
  auto key = std::make_tuple(std::string{salt}, iterations, hash);
  if (const auto known = keys_.find(key); known != keys_.end()) return known->second;
  const Digest salted = salted_password(hash, password_, salt, iterations);
  Keys keys{.client_key = hmac(hash, salted.view(), "Client Key"),
            .server_key = hmac(hash, salted.view(), "Server Key")};
  keys.stored_key = digest_of(hash, keys.client_key.view());
  return keys_.emplace(std::move(key), keys).first->second;
}

ScramClient::ScramClient(ScramHash hash, std::string_view user, std::string nonce)
    : hash_(hash), nonce_(std::move(nonce)), first_bare_("n=" + saslname(user) + ",r=" + nonce_) {}

std::expected<std::string, std::string> ScramClient::answer(std::string_view server_first, DerivedKeys& keys) {
  const std::string_view nonce = attribute(server_first, 'r');
  const auto salt = from_base64(attribute(server_first, 's'));
  const std::string_view count = attribute(server_first, 'i');
  std::uint32_t iterations = 0;
  const auto [end, problem] = std::from_chars(count.data(), count.data() + count.size(), iterations);
  if (!nonce.starts_with(nonce_) || !salt || salt->empty() || problem != std::errc{} || iterations == 0 ||
      iterations > most_iterations)
    return std::unexpected{"the server's SCRAM challenge makes no sense: " + std::string{server_first}};

  const DerivedKeys::Keys& derived = keys.find(hash_, *salt, iterations);
  const std::string without_proof = "c=biws,r=" + std::string{nonce};
  const std::string signed_text = first_bare_ + "," + std::string{server_first} + "," + without_proof;
  const Digest signature = hmac(hash_, derived.stored_key.view(), signed_text);
  std::string proof = derived.client_key.text();
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature.bytes[i]);
  server_signature_ = base64(hmac(hash_, derived.server_key.view(), signed_text).view());
  return without_proof + ",p=" + base64(proof);
}

bool ScramClient::proves_server(std::string_view server_final) const {
  return !server_signature_.empty() && attribute(server_final, 'v') == server_signature_;
}

}  // namespace meerkat::bench
