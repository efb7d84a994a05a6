// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_desk.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "admin/window/page_answers.h"
#include "admin/window/page_commands.h"
#include "admin/window/page_guard.h"
#include "admin/wire.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/version.h"
#include "runtime/workers.h"

namespace meerkat::admin {
namespace {

// Within ten minutes. Beyond the first two an address is refused, beyond the third everybody but those who have been
// let in from their address before waits a while.
constexpr LoginRules login_rules{.per_address = 10, .per_account_and_address = 10, .per_account = 50};

HttpResponse refusal(unsigned status, std::string code, std::string sentence) {
  return json_for_page(status, write_refusal({std::move(code), std::move(sentence)}));
}

RequestOrigin origin_of(const HttpRequest& request) {
  return {.host = request.headers.get("Host"),
          .origin = request.headers.get("Origin"),
          .fetch_site = request.headers.get("Sec-Fetch-Site"),
          .over_tls = request.over_tls};
}

// Forms of other sites can send anything but this without asking first.
bool has_json(const HttpRequest& request) {
  const std::string_view type = request.headers.get("Content-Type");
  return same_word(type.substr(0, type.find(';')), "application/json");
}

bool is_for_anybody(const PageRoute& route, std::string_view path) {
  if (route.access == PageAccess::anybody) return true;
  return route.answer == PageAnswer::file && is_open_file(file_asked_for(path));
}

void wipe_text(std::string& text) { wipe(text); }

// "c" of "/a/b/c".
std::string last_part(std::string_view path) { return std::string{path.substr(path.rfind('/') + 1)}; }

std::string first_text(const RawArguments& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->second.empty() ? std::string{} : found->second.front();
}

// Another cookie for each port: browsers send the cookies of one port of a machine to all others, too.
std::string cookie_name(const HttpRequest& request) {
  const std::string_view host = request.headers.get("Host");
  const std::size_t colon = host.rfind(':');
  const std::string_view port =
      colon == std::string_view::npos || host.ends_with(']') ? std::string_view{} : host.substr(colon + 1);
  return fmt::format("{}meerkat_page{}{}", request.over_tls ? "__Host-" : "", port.empty() ? "" : "_", port);
}

HttpResponse turn_away(const HttpRequest& request, std::string_view why, unsigned status, std::string sentence) {
  log_warning("page_login_refused", {{"why", why}, {"from", request.peer.ip.text()}});
  return refusal(status, std::string{why}, std::move(sentence));
}

}  // namespace

PageDesk::PageDesk(PageSettings settings, const Premises& premises, std::span<const Command> commands)
    : settings_(std::move(settings)),
      premises_(premises),
      commands_(commands),
      sessions_(premises.here().worker.clock(), settings_.idle_timeout, settings_.session_lifetime),
      throttle_(login_rules) {}

const PageSessions::Session* PageDesk::session_of(const HttpRequest& request) {
  const auto id = cookie(request.headers.get("Cookie"), cookie_name(request));
  return id ? sessions_.find(*id) : nullptr;
}

std::expected<PageDesk::Admitted, HttpResponse> PageDesk::admit(const HttpRequest& request) {
  if (!is_own_host(request.headers.get("Host"), settings_.hosts))
    return std::unexpected(refusal(
        421, "unknown_host", "the page is not served under this name; add it to admin.page.hosts if that is yours"));
  const std::string_view path = request.below;
  const PageRoute* const route = find_page_route(request.method, path);
  if (route != nullptr && is_for_anybody(*route, path)) return Admitted{*route, nullptr};
  const PageSessions::Session* const session = session_of(request);
  // Also for what is not there: who has not logged in does not learn what is.
  if (session == nullptr) {
    if (path.empty() && request.method != HttpMethod::post) return std::unexpected(go_to("login"));
    return std::unexpected(refusal(401, "not_logged_in", "log in first"));
  }
  if (route == nullptr) return std::unexpected(refusal(404, "not_found", "there is nothing here"));
  if (route->access == PageAccess::own_page && (!comes_from_own_page(origin_of(request)) ||
                                                !PageSessions::fits(*session, request.headers.get("X-Meerkat-Token"))))
    return std::unexpected(refusal(403, "not_from_the_page", "only the page itself may ask for this; load it again"));
  return Admitted{*route, session};
}

Task<HttpResponse> PageDesk::answer(const HttpRequest& request) {
  auto admitted = admit(request);
  if (!admitted) co_return std::move(admitted.error());
  const PageSessions::Session* const session = admitted->session;
  switch (admitted->route.answer) {
    case PageAnswer::shell:
      co_return request.path.ends_with('/') ? shell_for_page("index.html") : go_to(last_part(request.path) + "/");
    case PageAnswer::login_shell:
      co_return shell_for_page("login.html");
    case PageAnswer::file:
      co_return file_for_page(file_asked_for(request.below), request.headers.get("If-None-Match"));
    case PageAnswer::log_out:
      co_return log_out(request, *session);
    case PageAnswer::about_me:
      co_return about_me(*session);
    case PageAnswer::routes:
      co_return json_for_page(200, page_routes_json());
    case PageAnswer::log_in:
    case PageAnswer::run:
      break;
  }
  if (!has_json(request)) co_return refusal(415, "not_json", "send application/json");
  if (admitted->route.answer == PageAnswer::log_in) {
    HttpResponse response = co_await log_in(request);
    co_return response;
  }
  std::string who = fmt::format("{} at {}", session->who, request.peer.ip.text());
  std::string text = co_await answer_page(commands_, premises_, request.body, std::move(who));
  co_return json_for_page(200, std::move(text));
}

Task<HttpResponse> PageDesk::log_in(const HttpRequest& request) {
  if (!comes_from_own_page(origin_of(request)))
    co_return refusal(403, "not_from_the_page", "another site may not log in here");
  auto asked = read_request(request.body);
  if (!asked) co_return json_for_page(400, write_refusal(asked.error()));
  std::string username = first_text(asked->arguments, "username");
  std::string password = first_text(asked->arguments, "password");
  const std::string link = first_text(asked->arguments, "link");
  for (auto& [name, texts] : asked->arguments) std::ranges::for_each(texts, &wipe_text);
  const WipedAtEnd wiped{password};
  if (!link.empty()) {
    if (sessions_.use_link(link)) co_return let_in(request, "page by link");
    co_return turn_away(request, "old_link", 403,
                        "this link has been used already, or is older than a minute; `meerkat page` makes another");
  }
  if (settings_.password.empty())
    co_return turn_away(request, "no_password_set", 403,
                        "there is no password for the page; `meerkat page` on the server's machine makes a link that "
                        "lets you in");
  const LoginThrottle::Attempt attempt = throttle_.attempt(request.peer.ip, "");
  const SteadyTime now = premises_.here().worker.clock().steady();
  const LoginThrottle::Answer throttled = throttle_.ask(attempt, now);
  if (throttled.verdict != LoginThrottle::Verdict::go) {
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(throttled.wait).count();
    HttpResponse response =
        turn_away(request, "too_many_guesses", 429,
                  fmt::format("too many wrong passwords came from your address; try again in {} {}, or come by a link "
                              "of `meerkat page`",
                              minutes, minutes == 1 ? "minute" : "minutes"));
    response.headers.set("Retry-After", std::to_string(minutes * 60));
    co_return response;
  }
  // Both are always compared.
  const bool right_name = same_secret(username, settings_.username);
  const bool right_password = same_secret(password, settings_.password);
  if (right_name && right_password) {
    throttle_.succeeded(attempt, now);
  } else {
    throttle_.failed(attempt, now);
  }
  // What was right waits like what was wrong.
  if (throttled.wait.count() > 0) co_await sleep_for(throttled.wait);
  if (right_name && right_password) co_return let_in(request, fmt::format("page user {}", settings_.username));
  co_return turn_away(request, "wrong_password", 403, "that is not the username and password of the page");
}

HttpResponse PageDesk::let_in(const HttpRequest& request, std::string who) {
  const std::string name = cookie_name(request);
  // Whatever id the browser came with, it leaves with a new one.
  if (const auto old = cookie(request.headers.get("Cookie"), name)) sessions_.end(*old);
  log_notice("page_login", {{"by", who}, {"from", request.peer.ip.text()}});
  const PageTicket ticket = sessions_.open(std::move(who));
  HttpResponse response = json_for_page(200, fmt::format("{{\"token\":{}}}\n", json_string(ticket.token)));
  const bool encrypted = request.over_tls || request.headers.get("Origin").starts_with("https://");
  response.headers.add("Set-Cookie", fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", name, ticket.id,
                                                 encrypted ? "; Secure" : ""));
  return response;
}

HttpResponse PageDesk::log_out(const HttpRequest& request, const PageSessions::Session& session) {
  log_notice("page_logout", {{"by", session.who}, {"from", request.peer.ip.text()}});
  const std::string name = cookie_name(request);
  sessions_.end(*cookie(request.headers.get("Cookie"), name));
  HttpResponse response = json_for_page(200, write_sentence({"you are logged out"}));
  response.headers.add("Set-Cookie", fmt::format("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}", name,
                                                 request.over_tls ? "; Secure" : ""));
  return response;
}

HttpResponse PageDesk::about_me(const PageSessions::Session& session) const {
  std::string names;
  for (const std::string_view command : commands_of_page())
    if (find_command(commands_, command) != nullptr) names += (names.empty() ? "" : ",") + json_string(command);
  return json_for_page(
      200, fmt::format("{{\"who\":{},\"remaining\":{},\"version\":{},\"commands\":[{}]}}\n", json_string(session.who),
                       sessions_.remaining(session).count(), json_string(product_version), names));
}

// The one that the system chose, if it was let.
std::string PageDesk::port() const {
  if (*settings_.port != 0) return std::to_string(*settings_.port);
  std::string port;
  for (const std::string& line : premises_.addresses())
    if (line.starts_with("http")) port = line.substr(line.rfind(':') + 1);  // its listener is the last one
  return port;
}

// "http://127.0.0.1:5281/"; as far as it is known, when a proxy or another listener is in between.
std::string PageDesk::address() const {
  if (!settings_.port) return settings_.hosts.empty() ? "" : fmt::format("https://{}/admin/", settings_.hosts.front());
  const std::string_view scheme = settings_.tls ? "https" : "http";
  if (!settings_.hosts.empty()) return fmt::format("{}://{}:{}/", scheme, settings_.hosts.front(), port());
  std::string host = settings_.ip_address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.contains(':')) host = fmt::format("[{}]", host);
  return fmt::format("{}://{}:{}/", scheme, host, port());
}

}  // namespace meerkat::admin
