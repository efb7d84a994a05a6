// SPDX-License-Identifier: Apache-2.0
#include "streams/c2s_section.h"

#include <string>
#include <string_view>

#include "net/ip_address.h"

namespace meerkat {
namespace {

bool is_ip_address(std::string_view text) { return IpAddress::parse(text).has_value(); }

void check_version(const C2sListenSettings& listener, config::Checker& checker) {
  if (!listener.ip_version || !checker.given("ip_address")) return;
  const int version = listener.ip_address.contains(':') ? 6 : 4;
  if (version != *listener.ip_version)
    checker.refuse("ip_version", "says " + std::to_string(*listener.ip_version) + ", but \"" + listener.ip_address +
                                     "\" is an address of version " + std::to_string(version) +
                                     " — leave ip_version out");
}

}  // namespace

config::Section<C2sListenSettings> c2s_section() {
  using namespace config;
  using S = C2sListenSettings;
  return Section<S>{"listen.c2s", "A port where clients connect."}
      .option("port", &S::port, "The TCP port; 0 lets the system choose a free one.", mandatory, example("5222"))
      .option("ip_address", &S::ip_address, "The address to listen on; `::` for IPv6 and IPv4.",
              must_be("an IP address, such as \"0.0.0.0\" or \"::\"", is_ip_address), example("\"127.0.0.1\""))
      .option("ip_version", &S::ip_version, "Of which version ip_address is; without it, 6 means `::`.", one_of(4, 6),
              example("6"))
      .option("backlog", &S::backlog, "How many connections may wait to be accepted.", at_most(65535), example("1024"))
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
      .option(
          "proxy_protocol", &S::proxy_protocol,
          "Each connection comes through a proxy that says where it is from (HAProxy's PROXY protocol, version 1 or "
          "2). Who connects without it is turned away, so let only the proxy reach this port.")
      .option("max_connections", &S::max_connections, "How many connections may be open here at once.", at_least(1))
      .section("tls", &S::tls, tls_section())
      .ignored("num_acceptors", "Every worker accepts connections by itself.")
      .ignored("reuse_port", "Every worker listens with SO_REUSEPORT.")
      .ignored("hibernate_after", "Idle sessions own no buffers that could be given back.")
      .ignored("proto", "TCP is the only protocol.")
      .check(check_version);
}

}  // namespace meerkat
