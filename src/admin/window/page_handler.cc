// SPDX-License-Identifier: Apache-2.0
#include "admin/window/page_handler.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "admin/office.h"
#include "core/hall.h"
#include "runtime/workers.h"

namespace meerkat::admin {
namespace {

PageDesk& desk_of(const HttpPlace& place) {
  PageDesk* const desk = place.office != nullptr ? place.office->page() : nullptr;
  if (desk == nullptr) throw std::runtime_error("meerkat_admin_handler needs the table [admin.page]");
  return *desk;
}

}  // namespace

PageHandler::PageHandler(const HttpPlace& place, const std::shared_ptr<const PageHandlerOptions>&)
    : desk_(desk_of(place)), here_(place.hall.worker), office_(place.office->premises().here().worker) {}

Task<HttpResponse> PageHandler::answer(const HttpRequest& request) {
  co_await hop_to(office_);
  std::optional<HttpResponse> response;
  std::exception_ptr failure;
  try {
    response = co_await desk_.answer(request);
  } catch (...) {
    failure = std::current_exception();  // thrown on where the connection lives
  }
  co_await hop_to(here_);
  if (failure) std::rethrow_exception(failure);
  co_return std::move(*response);
}

}  // namespace meerkat::admin

namespace meerkat {

namespace {

using admin::PageHandler;
using admin::PageHandlerOptions;

constexpr std::string_view kind = "meerkat_admin_handler";
const HttpHandlerWhere root{.host = "_", .path = "/"};

}  // namespace

std::shared_ptr<ConfiguredHttpHandler> admin_page_at_root() {
  return http_handler_at<PageHandler>(kind, root, PageHandlerOptions{}, HttpReach::all_below);
}

bool is_admin_page_at_root(const ConfiguredHttpHandler& handler) {
  return handler.name() == kind && handler.where() == root;
}

HttpHandlerEntry admin_page_handler() {
  return http_handler_entry<PageHandler>(
      kind,
      config::Section<PageHandlerOptions>{
          kind, "The page for operators, for those that [admin.page] lets in; it has to be there as well."},
      HttpReach::all_below, HttpHandlerWhere{.host = "_", .path = "/admin"});
}

}  // namespace meerkat
