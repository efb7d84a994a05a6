// SPDX-License-Identifier: Apache-2.0
// What the process may and may not: no core dumps unless the operator wants them, a word about running as root.
#pragma once

namespace meerkat {

// A core dump would hold keys and passwords: none is written, and no other process of the same user may read this one's
// memory. Before threads and secrets.
void forbid_core_dumps();

// One line in the log when the process has root's powers.
void warn_about_root();

}  // namespace meerkat
