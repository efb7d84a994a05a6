// SPDX-License-Identifier: Apache-2.0
#include "server/socket_of.h"

#include <fmt/format.h>

#include "admin/admin_section.h"
#include "config/toml_reader.h"
#include "server/database_section.h"

namespace meerkat {

std::expected<std::filesystem::path, std::string> admin_socket_of(const std::filesystem::path& configuration) {
  config::Problems problems;
  const auto root = config::read_toml_file(configuration, problems);
  if (root) {
    const AdminSettings admin = admin_section().read(root->find("admin"), problems);
    const auto databases = internal_databases_section().read(root->find("internal_databases"), problems);
    if (!problems.any_errors()) return admin.socket_in(databases.embedded.directory);
  }
  std::string why = problems.report();
  if (const auto end = why.find('\n'); end != std::string::npos) why.resize(end);
  return std::unexpected(
      fmt::format("where the server's socket is cannot be told from its configuration: {}. Say "
                  "--config FILE or --socket PATH",
                  why));
}

}  // namespace meerkat
