// SPDX-License-Identifier: Apache-2.0
// What operators decide about rosters.
#pragma once

#include <cstdint>
#include <string>

#include "config/section.h"
#include "core/backend.h"
#include "core/iq_processing.h"

namespace meerkat {

struct RosterOptions {
  bool versioning = false;
  bool store_current_id = false;
  std::uint32_t max_contacts = 5000;
  Backend backend = Backend::embedded;
  IqProcessing iqdisc;
};

config::Section<RosterOptions> roster_section();

}  // namespace meerkat
