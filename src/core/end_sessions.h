// SPDX-License-Identifier: Apache-2.0
// Ending sessions from outside: an account was removed or banned, or the operator wants somebody gone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/session.h"

namespace meerkat {

class Hall;

// On the home worker of `who`. A bare address means all its sessions, a full one that session. Each client hears the
// error before its stream ends. `but` names one that stays. How many have ended.
std::size_t end_sessions(Hall& home, const Jid& who, const StreamError& error, const Jid& but = {});

// On the worker of `home`: all whose clients are away. What they had not taken goes elsewhere. How many have ended.
std::size_t end_detached_sessions(Hall& home);

// On the worker of `home`: those whose clients are away and that hold the most, until so many bytes are free. What they
// had not taken goes elsewhere. How many have ended.
std::size_t end_largest_detached_sessions(Hall& home, std::uint64_t bytes);

}  // namespace meerkat
