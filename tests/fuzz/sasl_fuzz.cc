// SPDX-License-Identifier: Apache-2.0
// RFC 5802, RFC 4616, RFC 4648: no pair of messages breaks the server's side or lets anybody in who does not know the
// password, stored keys that are read are written as they were, and there is one base64 text for the same bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "require.h"
#include "xmpp/sasl_mechanism.h"
#include "xmpp/scram.h"
#include "xmpp/scram_text.h"

using namespace meerkat;
using meerkat::fuzz::require;

namespace {

void exchange(std::string_view first, std::string_view last, bool plus, bool offered) {
  static const ChannelBinding channel{.tls_exporter = "exporter", .tls_server_end_point = ""};
  static const ScramKeys keys = derive_scram_keys(ScramHash::sha1, "pencil", "salt", 1);
  ScramServer server{ScramHash::sha1, plus, offered, &channel};
  const auto begun = server.client_first(first);
  if (!begun) return;
  require(!begun->user.empty(), "a user has a name");
  server.server_first(keys, "s");
  require(!server.client_final(last), "nobody gets in without the password");
}

}  // namespace

// The first byte chooses the mechanism; the rest are two messages with a newline between them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  const auto line = text.find('\n');
  const std::string_view last = line == std::string_view::npos ? text : text.substr(line + 1);
  exchange(text.substr(0, line), last, (data[0] & 1) != 0, (data[0] & 2) != 0);

  if (const auto plain = parse_plain(text))
    require(!plain->user.empty() && !plain->password.empty(), "a user has a name and a password");
  if (const auto keys = scram_keys_from_text(text))
    require(scram_keys_from_text(to_text(*keys)) == keys, "keys are read as they were written");
  require(from_base64(base64(text)) == text, "base64 is decoded to what was encoded");
  if (const auto bytes = from_base64(text)) require(base64(*bytes) == text, "base64 is accepted in one form", *bytes);
  for (const auto mechanism : all_sasl_mechanisms)
    require(sasl_mechanism(name_of(mechanism)) == mechanism, "mechanisms have their names");
  return 0;
}
