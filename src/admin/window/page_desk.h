// SPDX-License-Identifier: Apache-2.0
// Answers for the page: lets people in, gives them the page's files, and has commands run for them.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "admin/command.h"
#include "admin/premises.h"
#include "admin/window/page_routes.h"
#include "admin/window/page_sessions.h"
#include "admin/window/page_settings.h"
#include "core/limits/login_throttle.h"
#include "net/http_handler.h"

namespace meerkat::admin {

// One per server, owned by the office; lives on its worker. All handlers of the page bring their requests here.
class PageDesk {
 public:
  PageDesk(PageSettings settings, const Premises& premises, std::span<const Command> commands);

  // Here; `request` is of another worker, which waits.
  Task<HttpResponse> answer(const HttpRequest& request);
  // For `meerkat page`: what a browser is given, good once and soon, and the address that goes before it.
  std::string make_link() { return sessions_.make_link(); }
  std::string address() const;

  const PageSettings& settings() const { return settings_; }

 private:
  // A request that was let in; without a session where anybody may ask.
  struct Admitted {
    const PageRoute& route;
    const PageSessions::Session* session = nullptr;
  };

  std::expected<Admitted, HttpResponse> admit(const HttpRequest& request);
  const PageSessions::Session* session_of(const HttpRequest& request);

  Task<HttpResponse> log_in(const HttpRequest& request);
  HttpResponse let_in(const HttpRequest& request, std::string who);
  HttpResponse log_out(const HttpRequest& request, const PageSessions::Session& session);
  HttpResponse about_me(const PageSessions::Session& session) const;
  std::string port() const;

  const PageSettings settings_;
  const Premises& premises_;
  const std::span<const Command> commands_;
  PageSessions sessions_;
  LoginThrottle throttle_;
};

}  // namespace meerkat::admin
