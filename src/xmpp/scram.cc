// SPDX-License-Identifier: Apache-2.0
#include "xmpp/scram.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "base/text.h"
#include "xmpp/stringprep.h"

namespace meerkat {
namespace {

constexpr auto malformed = SaslFailure::malformed_request;
constexpr auto refused = SaslFailure::not_authorized;
// Three names of at most 1023 bytes, escaped, and a generous nonce. More is nobody's password.
constexpr std::size_t max_message_size = 16'384;
constexpr std::size_t max_nonce_size = 1024;

// Takes the text before the next comma, and the comma. Nothing left: nothing.
class Attributes {
 public:
  explicit Attributes(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (at_end_) return std::nullopt;
    const auto comma = rest_.find(',');
    const std::string_view attribute = rest_.substr(0, comma);
    at_end_ = comma == std::string_view::npos;
    rest_.remove_prefix(at_end_ ? rest_.size() : comma + 1);
    return attribute;
  }

  // The value of the next attribute, which must be `letter`.
  std::optional<std::string_view> next(char letter) {
    const auto attribute = next();
    if (!attribute || attribute->size() < 2 || (*attribute)[0] != letter || (*attribute)[1] != '=') return std::nullopt;
    return attribute->substr(2);
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool at_end_ = false;
};

// RFC 5802 §7 attr-val: a letter, "=", a value without comma that is not empty.
bool is_attribute(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return text.size() > 2 && is_letter(text[0]) && text[1] == '=';
}

// RFC 5802 §7 saslname: "=2C" for a comma, "=3D" for "=", nothing else behind a "=".
std::optional<std::string> decode_name(std::string_view text) {
  std::string name;
  while (!text.empty()) {
    const bool comma = text.starts_with("=2C");
    if (text[0] == '=' && !comma && !text.starts_with("=3D")) return std::nullopt;
    const bool escaped = text[0] == '=';
    name += !escaped ? text[0] : comma ? ',' : '=';
    text.remove_prefix(escaped ? 3 : 1);
  }
  if (name.empty() || name.size() > max_prepared_size) return std::nullopt;
  return name;
}

// RFC 5802 §7 printable.
bool is_nonce(std::string_view text) {
  return !text.empty() && text.size() <= max_nonce_size &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != ','; });
}

bool is_readable(std::string_view message) {
  return message.size() <= max_message_size && !message.contains('\0') && is_utf8(message);
}

}  // namespace

std::string scram_nonce() { return random_token(160); }

ScramServer::ScramServer(ScramHash hash, bool plus, bool plus_was_offered, const ChannelBinding* binding)
    : hash_(hash), plus_(plus), plus_was_offered_(plus_was_offered), binding_(binding) {}

// RFC 5802 §6: the flag must go with the mechanism, and "y" must not be a lie told by somebody in between.
std::expected<void, SaslFailure> ScramServer::read_gs2_flag(std::string_view flag) {
  if (flag == "n" || flag == "y") {
    if (plus_) return std::unexpected{malformed};
    if (flag == "y" && plus_was_offered_) return std::unexpected{refused};
    return {};
  }
  if (!flag.starts_with("p=") || !plus_) return std::unexpected{malformed};
  if (!binding_) return std::unexpected{refused};
  const std::string_view type = flag.substr(2);
  if (type == "tls-exporter") bound_to_ = binding_->tls_exporter;
  if (type == "tls-server-end-point") bound_to_ = binding_->tls_server_end_point;
  if (bound_to_.empty()) return std::unexpected{refused};
  return {};
}

std::expected<ScramFirst, SaslFailure> ScramServer::client_first(std::string_view message) {
  if (stage_ != Stage::start || !is_readable(message)) return std::unexpected{malformed};
  stage_ = Stage::done;  // until this message turns out to be good
  Attributes attributes{message};

  const auto flag = attributes.next();
  if (const auto bound = read_gs2_flag(*flag); !bound) return std::unexpected{bound.error()};
  ScramFirst first;
  const auto authzid = attributes.next();
  if (!authzid) return std::unexpected{malformed};
  if (!authzid->empty()) {
    const auto name = authzid->starts_with("a=") ? decode_name(authzid->substr(2)) : std::nullopt;
    if (!name) return std::unexpected{malformed};
    first.authzid = *name;
  }
  gs2_header_ = message.substr(0, message.size() - attributes.rest().size());
  client_first_bare_ = attributes.rest();

  // A mandatory extension "m=" would stand here; we know none (RFC 5802 §5.1).
  const auto user = attributes.next('n');
  const auto name = user ? decode_name(*user) : std::nullopt;
  const auto nonce = attributes.next('r');
  if (!name || !nonce || !is_nonce(*nonce)) return std::unexpected{malformed};
  while (const auto extension = attributes.next())
    if (!is_attribute(*extension)) return std::unexpected{malformed};
  first.user = *name;
  nonce_ = *nonce;
  stage_ = Stage::first_came;
  return first;
}

std::string ScramServer::server_first(ScramKeys keys, std::string_view nonce_suffix) {
  check(stage_ == Stage::first_came, "the challenge follows the client's first message");
  check(keys.hash == hash_, "the keys are of the mechanism's hash");
  stage_ = Stage::challenged;
  keys_ = std::move(keys);
  nonce_ += nonce_suffix;
  server_first_ = "r=" + nonce_ + ",s=" + base64(keys_.salt) + ",i=" + std::to_string(keys_.iterations);
  return server_first_;
}

std::expected<std::string, SaslFailure> ScramServer::client_final(std::string_view message) {
  if (stage_ != Stage::challenged || !is_readable(message)) return std::unexpected{malformed};
  stage_ = Stage::done;

  const auto proof_at = message.rfind(",p=");  // the proof is always last (RFC 5802 §5.1), and base64 has no comma
  if (proof_at == std::string_view::npos) return std::unexpected{malformed};
  const std::string_view without_proof = message.substr(0, proof_at);
  const auto proof = from_base64(message.substr(proof_at + 3));
  Attributes attributes{without_proof};
  const auto encoded_binding = attributes.next('c');
  const auto nonce = attributes.next('r');
  if (!proof || !encoded_binding || !nonce) return std::unexpected{malformed};
  while (const auto extension = attributes.next())
    if (!is_attribute(*extension) || extension->starts_with("p=")) return std::unexpected{malformed};
  const auto binding = from_base64(*encoded_binding);
  if (!binding) return std::unexpected{malformed};

  const bool same_nonce = equal_in_constant_time(*nonce, nonce_);
  const bool same_channel = equal_in_constant_time(*binding, gs2_header_ + std::string{bound_to_});
  const std::string auth_message = client_first_bare_ + ',' + server_first_ + ',' + std::string{without_proof};
  const auto signature = server_signature_if_proven(keys_, auth_message, *proof);
  if (!same_nonce || !same_channel || !signature) return std::unexpected{refused};
  return "v=" + base64(signature->view());
}

}  // namespace meerkat
