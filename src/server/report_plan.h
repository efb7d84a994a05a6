// SPDX-License-Identifier: Apache-2.0
// What service_mongoose_system_metrics is told of a configuration.
#pragma once

#include <memory>

#include "server/configuration.h"
#include "services/system_metrics/system_reports.h"

namespace meerkat {

std::shared_ptr<const ReportPlan> report_plan(const Configuration& configuration);

}  // namespace meerkat
