// SPDX-License-Identifier: Apache-2.0
#include "streams/http_section.h"

#include <map>
#include <string>
#include <utility>

#include "net/http_path.h"

namespace meerkat {
namespace {

using namespace config;

Section<HttpTransportSettings> transport_section() {
  using S = HttpTransportSettings;
  return Section<S>{"listen.http[].transport", "Who may connect."}
      .option("max_connections", &S::max_connections,
              "How many connections may be open here at once. When there are as many, the one that has waited longest "
              "for its next request gives way.")
      .ignored("num_acceptors", "Every worker accepts connections by itself.");
}

Section<HttpProtocolSettings> protocol_section() {
  using S = HttpProtocolSettings;
  using std::chrono::milliseconds;
  return Section<S>{"listen.http[].protocol", "How HTTP is spoken."}
      .option("compress", &S::compress,
              "Compress answers (gzip) for clients that take it. Leave it off where an answer holds both a secret and "
              "what a stranger chose: its length would tell about the secret.")
      .option("request_timeout", &S::request_timeout,
              "How long a client may take for the head of a request; and the span over which its body, and its taking "
              "of the answer, must reach 500 bytes per second.",
              between(milliseconds{1000}, milliseconds{3600000}), unit("milliseconds"))
      .option("idle_timeout", &S::idle_timeout, "How long a connection may be open between two requests.",
              between(milliseconds{1000}, milliseconds{3600000}), unit("milliseconds"));
}

// Two handlers for the same paths of the same host: nobody could say who answers.
void check_handlers(const HttpHandlersSettings& handlers, Checker& checker) {
  std::map<std::pair<std::string, std::string>, std::string_view> seen;
  for (const auto& handler : handlers.all) {
    const HttpHandlerWhere& where = handler->where();
    const auto pattern = http_handler_pattern(*handler);
    if (!pattern) continue;
    const std::string host = where.host == "_" ? "_" : http_host(where.host).value_or(where.host);
    const auto [same, fresh] = seen.emplace(std::pair{host, pattern->shape()}, handler->name());
    if (!fresh)
      checker.refuse(handler->name(), "answers " + where.path + " of host " + in_quotes(where.host) + " like another " +
                                          std::string{same->second} + " — give each its own path or host");
  }
}

}  // namespace

Section<HttpListenSettings> http_section(std::span<const HttpHandlerEntry> kinds,
                                         std::span<const OtherHttpHandler> others) {
  using S = HttpListenSettings;
  Section<HttpHandlersSettings> handlers{
      "listen.http[].handlers",
      "Who answers what. /healthz and /readyz are answered for everybody unless a meerkat_health_handler is given."};
  for (const HttpHandlerEntry& kind : kinds) handlers.kind(kind.name, &HttpHandlersSettings::all, kind.spec, kind.open);
  for (const OtherHttpHandler& other : others) handlers.ignored(other.name, other.sentence);
  handlers.check(check_handlers);
  return Section<S>{"listen.http", "A port where HTTP is spoken."}
      .include(&S::place, listen_place_section("5280"))
      .section("transport", &S::transport, transport_section())
      .section("protocol", &S::protocol, protocol_section())
      .section("tls", &S::tls, https_section())
      .section("handlers", &S::handlers, handlers)
      .ignored("hibernate_after", "Idle connections own no buffers that could be given back.")
      .ignored("proto", "TCP is the only protocol.");
}

}  // namespace meerkat
