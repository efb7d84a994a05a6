// SPDX-License-Identifier: Apache-2.0
// How many descriptors the process may have, and what they are spent on.
#pragma once

#include <cstdint>

namespace meerkat {

// Raises the limit as far as the system lets us, and returns it.
std::uint64_t raise_descriptor_limit();

// How many sessions a limit of descriptors allows.
std::uint64_t sessions_within(std::uint64_t descriptors);

}  // namespace meerkat
