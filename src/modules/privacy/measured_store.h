// SPDX-License-Identifier: Apache-2.0
// A store of privacy lists whose calls are counted and timed.
#pragma once

#include <memory>

#include "core/backend_metrics.h"
#include "modules/privacy/privacy_store.h"

namespace meerkat {

std::unique_ptr<PrivacyStore> measured(std::unique_ptr<PrivacyStore> store, const BackendMetrics& metrics);

}  // namespace meerkat
