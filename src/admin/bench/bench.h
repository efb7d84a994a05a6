// SPDX-License-Identifier: Apache-2.0
// `meerkat bench`: the load client that is shipped with the server, for operators and for our own yardstick.
#pragma once

#include <span>
#include <string_view>

namespace meerkat::bench {

// The arguments behind `meerkat bench`. Figures go to standard output, everything else to standard error. Returns the
// exit code: 0, 1 when something failed or was lost, 2 when nothing was begun.
int bench_main(std::span<const std::string_view> arguments);

}  // namespace meerkat::bench
