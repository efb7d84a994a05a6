// SPDX-License-Identifier: Apache-2.0
#include "streams/c2s_section.h"

namespace meerkat {
config::Section<C2sListenSettings> c2s_section() {
  using namespace config;
  using S = C2sListenSettings;
  return Section<S>{"listen.c2s", "A port where clients connect."}
      .include(&S::place, listen_place_section("5222"))
      .option("max_stanza_size", &S::max_stanza_size,
              "The largest stanza a client may send, in bytes. Counted while it arrives; larger ends the stream.",
              at_least(Bytes{10000}))
      .option("state_timeout", &S::state_timeout,
              "How long a client may take for each step until it is logged in; 0 means for ever.", unit("milliseconds"))
      .option("backwards_compatible_session", &S::backwards_compatible_session,
              "Offer the session of RFC 3921, which old clients ask for.")
      .option("access", &S::access, "The access rule that says who may log in here.", example("\"c2s\""))
      .option("allowed_auth_methods", &S::allowed_auth_methods,
              "Of the methods of [auth], those that may be used here; absent: all.", non_empty, unique,
              example("[\"internal\"]"))
      .option("shaper", &S::shaper,
              "How fast each client is read once it is logged in: a name of [shaper], or an access rule whose value is "
              "such a name; \"none\" means as fast as it writes.",
              example("\"normal\""))
      .option("max_connections", &S::max_connections, "How many connections may be open here at once.", at_least(1))
      .section("tls", &S::tls, tls_section())
      .ignored("num_acceptors", "Every worker accepts connections by itself.")
      .ignored("reuse_port", "Every worker listens with SO_REUSEPORT.")
      .ignored("hibernate_after", "Idle sessions own no buffers that could be given back.")
      .ignored("proto", "TCP is the only protocol.");
}

}  // namespace meerkat
