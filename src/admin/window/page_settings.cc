// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_settings.h"

#include <string_view>

#include "net/ip_address.h"

namespace meerkat {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t shortest_password = 12;

bool is_ip_address(std::string_view text) { return IpAddress::parse(text).has_value(); }

bool is_loopback(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address && (address->is_v4() ? address->bytes[12] == 127 : *address == *IpAddress::parse("::1"));
}

void check_credentials(const PageSettings& page, config::Checker& checker) {
  if (page.username.empty() != page.password.empty())
    return checker.refuse(page.username.empty() ? "password" : "username",
                          "needs the other one of username and password too; without both, `meerkat page` lets you in");
  if (!page.password.empty() && page.password.size() < shortest_password)
    checker.refuse("password",
                   "is shorter than 12 characters: whoever guesses it can end sessions and read what users do; "
                   "`openssl rand -base64 18` makes a good one");
}

void check_reach(const PageSettings& page, config::Checker& checker) {
  if (page.port && !page.tls && !is_loopback(page.ip_address))
    checker.warn("ip_address",
                 "lets others on the network reach the page in clear, so that they can read the password; add "
                 "admin.page.tls, or leave ip_address out and come through `ssh -L`");
  if (page.idle_timeout > page.session_lifetime)
    checker.warn("idle_timeout", "is longer than session_lifetime, which ends the session anyway");
}

}  // namespace

config::Section<PageSettings> page_section() {
  using namespace config;
  using S = PageSettings;
  return Section<S>{"admin.page",
                    "A page for operators, served by the server itself: live figures, sessions, pools, configuration, "
                    "log, and the trace of an address. Without this table there is none."}
      .option("port", &S::port,
              "The TCP port of the page; 0 lets the system choose a free one. Left out, only a handler "
              "`meerkat_admin_handler` of [[listen.http]] serves it.",
              needs_restart, example("5281"))
      .option("ip_address", &S::ip_address,
              "The address to listen on. Anything but loopback deserves `tls`: whoever comes in can end sessions.",
              must_be("an IP address, such as \"127.0.0.1\" or \"::\"", is_ip_address), needs_restart)
      .option(
          "username", &S::username,
          "Who may log in with `password`. Without both, a link of `meerkat page` is the only way in; with them, it "
          "is another one.",
          non_empty, needs_restart, example("\"operator\""))
      .option("password", &S::password, "At least 12 characters.", secret, non_empty, needs_restart,
              example("\"a long sentence is easy to keep\""))
      .option(
          "hosts", &S::hosts,
          "Names under which browsers reach the page, when it is not by address or as localhost; requests for other "
          "names are refused, so that no web site can point a name of its own at it.",
          non_empty, unique, needs_restart, example("[\"meerkat.example.org\"]"))
      .option("idle_timeout", &S::idle_timeout, "After so long without a request, one has to log in again.",
              unit("seconds"), at_least(1min), needs_restart)
      .option("session_lifetime", &S::session_lifetime, "After so long, one has to log in again in any case.",
              unit("seconds"), at_least(1min), needs_restart)
      .section("tls", &S::tls, https_section())
      .check(check_credentials)
      .check(check_reach);
}

}  // namespace meerkat
