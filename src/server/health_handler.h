// SPDX-License-Identifier: Apache-2.0
// meerkat_health_handler: tells load balancers and those who restart servers how this one is. No more than that:
// strangers can ask as well.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/http_handler_entry.h"

namespace meerkat {

enum class HealthQuestion : std::uint8_t { alive, ready };

HttpHandlerEntry health_handler();
// /healthz and /readyz, for listeners that have none of their own.
std::vector<std::shared_ptr<const ConfiguredHttpHandler>> health_handlers();

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::HealthQuestion> {
  using enum meerkat::HealthQuestion;
  static constexpr EnumName names[] = {{alive, "alive"}, {ready, "ready"}};
};
