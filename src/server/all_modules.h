// SPDX-License-Identifier: Apache-2.0
// The modules there are: the one list that a new module adds a line to.
#pragma once

#include <optional>

#include "config/node.h"
#include "core/host_type.h"
#include "server/settings.h"

namespace meerkat {

class ModuleStarter {
 public:
  ModuleStarter(const std::optional<config::Node>&, const GeneralSettings&) {}
  void start_all(HostType&) const {}
};

}  // namespace meerkat
