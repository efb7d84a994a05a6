// SPDX-License-Identifier: Apache-2.0
// What operators decide about rosters.
#pragma once

#include <cstdint>
#include <string>

#include "config/section.h"
#include "core/iq_processing.h"

namespace meerkat {

enum class RosterBackend : std::uint8_t { embedded, mnesia, cets, rdbms };

struct RosterOptions {
  bool versioning = false;
  bool store_current_id = false;
  std::uint32_t max_contacts = 5000;
  RosterBackend backend = RosterBackend::embedded;
  IqProcessing iqdisc;
};

config::Section<RosterOptions> roster_section();

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::RosterBackend> {
  using enum meerkat::RosterBackend;
  static constexpr EnumName names[] = {{embedded, "embedded"}, {mnesia, "mnesia"}, {cets, "cets"}, {rdbms, "rdbms"}};
};
