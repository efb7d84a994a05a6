// SPDX-License-Identifier: Apache-2.0
#include "net/listen_section.h"

#include <string>
#include <string_view>

#include "net/ip_address.h"

namespace meerkat {
namespace {

bool is_ip_address(std::string_view text) { return IpAddress::parse(text).has_value(); }

void check_version(const ListenPlace& place, config::Checker& checker) {
  if (!place.ip_version || !checker.given("ip_address")) return;
  const int version = place.ip_address.contains(':') ? 6 : 4;
  if (version != *place.ip_version)
    checker.refuse("ip_version", "says " + std::to_string(*place.ip_version) + ", but \"" + place.ip_address +
                                     "\" is an address of version " + std::to_string(version) +
                                     " — leave ip_version out");
}

}  // namespace

config::Section<ListenPlace> listen_place_section(std::string_view example_port) {
  using namespace config;
  using S = ListenPlace;
  return Section<S>{"listen", "Where a listener listens."}
      .option("port", &S::port, "The TCP port; 0 lets the system choose a free one.", mandatory, example(example_port))
      .option("ip_address", &S::ip_address, "The address to listen on; `::` for IPv6 and IPv4.",
              must_be("an IP address, such as \"0.0.0.0\" or \"::\"", is_ip_address), example("\"127.0.0.1\""))
      .option("ip_version", &S::ip_version, "Of which version ip_address is; without it, 6 means `::`.", one_of(4, 6),
              example("6"))
      .option("backlog", &S::backlog, "How many connections may wait to be accepted.", at_most(65535), example("1024"))
      .option(
          "proxy_protocol", &S::proxy_protocol,
          "Each connection comes through a proxy that says where it is from (HAProxy's PROXY protocol, version 1 or "
          "2). Who connects without it is turned away, so let only the proxy reach this port.")
      .check(check_version);
}

}  // namespace meerkat
