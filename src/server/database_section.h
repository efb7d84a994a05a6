// SPDX-License-Identifier: Apache-2.0
// [internal_databases]: the store inside the server.
#pragma once

#include <filesystem>

#include "config/section.h"

namespace meerkat {

struct EmbeddedSettings {
  std::filesystem::path directory = "data";
};

struct InternalDatabasesSettings {
  EmbeddedSettings embedded;
};

config::Section<InternalDatabasesSettings> internal_databases_section();

}  // namespace meerkat
