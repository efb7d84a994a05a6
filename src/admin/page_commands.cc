// SPDX-License-Identifier: Apache-2.0
// The way to the page for whoever may use the private socket.
#include <algorithm>

#include <fmt/format.h>

#include "admin/commands.h"
#include "admin/premises.h"
#include "admin/window/page_desk.h"

namespace meerkat::admin {
namespace {

Task<CommandResult> page(const Premises& premises, Arguments) {
  if (premises.page == nullptr)
    co_return Refusal{
        "no_page", "this server has no page; add [admin.page] with port = 5281 to its configuration, and restart it"};
  co_return Sentence{fmt::format("{}login#link={}", premises.page->address(), premises.page->make_link())};
}

}  // namespace

std::vector<Command> page_commands() {
  return {{.affair = "",
           .name = "page",
           .sentence = "Prints a link that opens the page for operators in a browser: good once, within a minute.",
           .changes = true,
           .run = &page}};
}

}  // namespace meerkat::admin
