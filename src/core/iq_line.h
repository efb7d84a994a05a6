// SPDX-License-Identifier: Apache-2.0
// Where requests of one namespace stand in line, for what must come behind those that are waiting already.
#pragma once

#include <memory>

#include "core/host_type.h"
#include "core/iq_queue.h"

namespace meerkat {

// Null when they do not wait for each other. On the host type's worker; not for every stanza.
std::shared_ptr<IqQueue> line_of_requests(const HostType& host, const Namespace& ns, IqTarget target);

}  // namespace meerkat
