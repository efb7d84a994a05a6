// SPDX-License-Identifier: Apache-2.0
// `meerkat_admin_handler`: the page on a listener of [[listen.http]], and on a port of its own.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "admin/window/page_desk.h"
#include "admin/wire.h"
#include "core/http_handler_entry.h"

namespace meerkat::admin {

// What there is to say is said once, in [admin.page].
struct PageHandlerOptions {
  friend bool operator==(const PageHandlerOptions&, const PageHandlerOptions&) = default;
};

// On a worker of connections; its requests are answered on that of the office.
class PageHandler final : public HttpHandler {
 public:
  // Throws when the server has no [admin.page].
  PageHandler(const HttpPlace& place, const std::shared_ptr<const PageHandlerOptions>& options);

  std::vector<HttpMethod> methods() const override { return {HttpMethod::get, HttpMethod::post}; }
  std::size_t largest_body() const override { return longest_request; }
  Task<HttpResponse> answer(const HttpRequest& request) override;

 private:
  PageDesk& desk_;
  Worker& here_;
  Worker& office_;
};

}  // namespace meerkat::admin

namespace meerkat {
HttpHandlerEntry admin_page_handler();
// For the listener of [admin.page].
std::shared_ptr<ConfiguredHttpHandler> admin_page_at_root();
bool is_admin_page_at_root(const ConfiguredHttpHandler& handler);
}  // namespace meerkat
