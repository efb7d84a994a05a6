// SPDX-License-Identifier: Apache-2.0
// The files of the page, which are part of the program (see embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace meerkat::admin {

struct PageFile {
  std::string_view name;  // "plot.js"
  std::string_view content;
};

// Any thread.
std::span<const PageFile> page_files();
// Stands for the content of all of them.
std::string_view page_files_version();

}  // namespace meerkat::admin
