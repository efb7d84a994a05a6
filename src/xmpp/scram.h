// SPDX-License-Identifier: Apache-2.0
// The server's side of SCRAM (RFC 5802, RFC 7677) with channel binding (RFC 5929, RFC 9266, XEP-0440), as a state
// machine: text in, text out. Base64 of the SASL layer is the stream's affair, and so is finding the keys.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "xmpp/sasl_crypto.h"
#include "xmpp/sasl_mechanism.h"

namespace meerkat {

// What the TLS connection gives to bind to; raw bytes, empty when not available.
struct ChannelBinding {
  std::string tls_exporter;          // RFC 9266, TLS 1.3 and with extended master secret 1.2
  std::string tls_server_end_point;  // RFC 5929 §4, hash of our certificate
};

// What the client's first message says.
struct ScramFirst {
  std::string user;     // decoded (=2C, =3D), not yet prepared
  std::string authzid;  // decoded, "" when absent
};

// A server-side nonce: printable, without commas, 160 bits.
std::string scram_nonce();

// One exchange, owned by the stream that negotiates; lives on its worker; used once. In order: client_first,
// server_first, client_final. Messages out of order are refused as malformed.
class ScramServer final {
 public:
  // `plus`: the client chose the -PLUS mechanism. `plus_was_offered`: some -PLUS was among the mechanisms we listed.
  // `binding` may be null when there is no TLS; otherwise outlives this object.
  ScramServer(ScramHash hash, bool plus, bool plus_was_offered, const ChannelBinding* binding);

  // RFC 5802 §5, §6, §7. malformed_request for broken grammar, a mandatory extension (m=), or a flag that does not go
  // with the mechanism; not_authorized for "y" although -PLUS was offered (somebody took it off the list) and for a
  // kind of binding that we cannot offer.
  std::expected<ScramFirst, SaslFailure> client_first(std::string_view message);

  // The challenge. `keys` are of the same hash; fake_keys when there is no such user. Contract: client_first succeeded.
  std::string server_first(ScramKeys keys, std::string_view nonce_suffix);
  std::string server_first(ScramKeys keys) { return server_first(std::move(keys), scram_nonce()); }

  // The last message, "v=…", or not_authorized when nonce, binding or proof are not right. Compares in constant time.
  std::expected<std::string, SaslFailure> client_final(std::string_view message);

 private:
  enum class Stage : std::uint8_t { start, first_came, challenged, done };

  std::expected<void, SaslFailure> read_gs2_flag(std::string_view flag);

  ScramHash hash_;
  bool plus_;
  bool plus_was_offered_;
  Stage stage_ = Stage::start;
  const ChannelBinding* binding_;
  std::string_view bound_to_;      // the bytes of the chosen binding
  std::string gs2_header_;         // with both commas
  std::string client_first_bare_;  // begins the AuthMessage
  std::string nonce_;              // the client's, then both
  std::string server_first_;
  ScramKeys keys_;
};

}  // namespace meerkat
