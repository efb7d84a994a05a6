// SPDX-License-Identifier: Apache-2.0
// Where requests of one namespace stand in line, for what must come behind those that are waiting already.
#pragma once

#include <chrono>
#include <memory>

#include "core/host_type.h"
#include "core/iq_queue.h"

namespace meerkat {

// Who has stood in a line for longer is refused at once: when each of those before had to wait for a database that
// does not answer, an answer would come too late, and those behind would wait in vain.
inline constexpr std::chrono::seconds longest_in_line{10};
inline constexpr const char* came_too_late = "those who asked before take too long";

// Null when they do not wait for each other. On the host type's worker; not for every stanza.
std::shared_ptr<IqQueue> line_of_requests(const HostType& host, const Namespace& ns, IqTarget target);

}  // namespace meerkat
