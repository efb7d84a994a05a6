// SPDX-License-Identifier: Apache-2.0
// Domains that modules serve (core/service.h): each is served once.
#pragma once

#include <vector>

#include "config/problem.h"
#include "server/configuration.h"

namespace meerkat {

// Adds a problem for each module that wants a domain that a host or another module has already.
void check_service_domains(const std::vector<HostConfiguration>& hosts, config::Problems& problems);

}  // namespace meerkat
