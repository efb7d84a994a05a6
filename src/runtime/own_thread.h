// SPDX-License-Identifier: Apache-2.0
// Workers have a thread each, but for those that tests turn by hand.
#pragma once

namespace meerkat {

// Whether the calling thread is one that a worker has to itself: its loop goes on as long as the worker lives.
bool is_own_thread_of_worker() noexcept;

}  // namespace meerkat
