// SPDX-License-Identifier: Apache-2.0
// [services]: what runs once for the whole server, put together from what each service declares.
#pragma once

#include <optional>

#include "config/section.h"
#include "services/system_metrics/options.h"

namespace meerkat {

struct ServicesSettings {
  std::optional<SystemMetricsOptions> system_metrics;
};

config::Section<ServicesSettings> services_section();

}  // namespace meerkat
