// SPDX-License-Identifier: Apache-2.0
// [admin]: how the server is looked after while it runs.
#pragma once

#include <filesystem>
#include <optional>

#include "admin/window/page_settings.h"
#include "config/section.h"

namespace meerkat {

struct AdminSettings {
  std::filesystem::path socket;  // empty: in the directory of the embedded database
  bool trace_content = false;
  std::optional<PageSettings> page;

  // Where the socket is.
  std::filesystem::path socket_in(const std::filesystem::path& data_directory) const;
};

config::Section<AdminSettings> admin_section();

}  // namespace meerkat
