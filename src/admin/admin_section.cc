// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_section.h"

namespace meerkat {

std::filesystem::path AdminSettings::socket_in(const std::filesystem::path& data_directory) const {
  return socket.empty() ? data_directory / "admin.sock" : socket;
}

config::Section<AdminSettings> admin_section() {
  using namespace config;
  return Section<AdminSettings>{"admin", "How the server is looked after while it runs."}
      .option("trace_content", &AdminSettings::trace_content,
              "Let operators see what people write when they trace an account; otherwise lengths stand for all texts. "
              "Passwords are never shown. Whether the law allows it is for you to know.",
              needs_restart)
      .option("socket", &AdminSettings::socket,
              "The Unix socket where the commands of `meerkat` reach the server; only root and the server's own user "
              "may use it. By default \"admin.sock\" in the directory of the embedded database.",
              needs_restart, example("\"/run/meerkat/admin.sock\""))
      .section("page", &AdminSettings::page, page_section());
}

}  // namespace meerkat
