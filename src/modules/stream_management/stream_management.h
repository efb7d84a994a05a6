// SPDX-License-Identifier: Apache-2.0
// XEP-0198 Stream Management: what operators say about it, and what of it outlives sessions and the server. How clients
// and server talk about it is the stream's affair (streams/stream_management.cc, core/stream_management.h).
#pragma once

#include "core/module_entry.h"

namespace meerkat {

ModuleEntry stream_management_module();

}  // namespace meerkat
