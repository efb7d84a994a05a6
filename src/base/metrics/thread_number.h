// SPDX-License-Identifier: Apache-2.0
// Threads by number, for whoever keeps something for each of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace meerkat::metrics {

// More than any server has. Those beyond share what they count in.
inline constexpr std::size_t most_threads = 1024;

namespace thread_detail {
inline constinit thread_local std::uint32_t number = most_threads;
}

// Below `most_threads` once the thread has claimed one.
inline std::uint32_t thread_number() noexcept { return thread_detail::number; }

// Gives the calling thread a number until it ends; the thread that has it next has seen all that this one did.
// `most_threads` when all are taken.
std::uint32_t claim_thread_number() noexcept;

}  // namespace meerkat::metrics
