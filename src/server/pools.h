// SPDX-License-Identifier: Apache-2.0
// Opens the pools of a configuration.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "server/configuration.h"
#include "store/pool/outgoing_pools.h"

namespace meerkat {

// They connect in the background. The error is a sentence for the operator.
std::expected<std::unique_ptr<OutgoingPools>, std::string> open_pools(const Configuration& configuration);

// Makes the tables of the modules that keep what they keep in a pool. Blocks the calling thread, at most ten seconds
// for a database that is not there: then they are made once it is. Throws sql::SchemaRefused.
void prepare_tables(const Configuration& configuration, const OutgoingPools& pools);

// Whether modules and accounts that want a pool have it; reports those that do not.
void check_pools(const Configuration& configuration, config::Problems& problems);

}  // namespace meerkat
