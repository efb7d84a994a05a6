// SPDX-License-Identifier: Apache-2.0
// The parts of `meerkat check`. Each looks, changes nothing, and adds what it found. They block; none is for a worker.
#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "server/check/findings.h"
#include "server/configuration.h"
#include "store/sql/sqlite_check.h"

namespace meerkat {

// All problems of the file; nothing when it cannot be used, and then there is nothing else to look at.
std::optional<Configuration> check_configuration(const std::filesystem::path& file, Findings& findings);
// Every certificate that a listener would show: readable, its key, how long, for which of the hosts.
void check_certificates(const Settings& settings, WallTime now, Findings& findings);
// Whether the ports are free; `running`: a server uses the store, so its ports are in use rightly.
void check_ports(const ListenSettings& listen, bool running, Findings& findings);
// How many sessions the descriptors and the memory of the machine allow.
void check_limits(Findings& findings);
// The directory (writable, room left) and the database in it.
void check_store(const std::filesystem::path& directory, const sql::StoreState& store, Findings& findings);
// A sane year, and whether somebody keeps the clock right.
void check_clock(WallTime now, Findings& findings);

// Everything; the findings of the configuration alone when it cannot be used.
Findings check_everything(const std::filesystem::path& configuration, WallTime now);

}  // namespace meerkat
