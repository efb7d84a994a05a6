// SPDX-License-Identifier: Apache-2.0
// What the tables of the file say of each other: rules, domains and ports that are named in one and defined in another.
#pragma once

#include "config/node.h"
#include "config/problem.h"
#include "server/settings.h"

namespace meerkat {

// Asked even when there are other problems, so that all are told at once: it says nothing of what could not be read.
// `root` is the file that `settings` came from; it knows the places.
void check_references(const Settings& settings, const config::Node& root, config::Problems& problems);

}  // namespace meerkat
