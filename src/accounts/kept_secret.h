// SPDX-License-Identifier: Apache-2.0
// Random secrets of this server that survive restarts, in the table `server_secrets`.
#pragma once

#include <string>
#include <string_view>

#include "runtime/worker.h"
#include "store/sql/database.h"

namespace meerkat {

// The secret of this name, 32 bytes; drawn and written when there is none. Blocks the calling thread, which is no
// worker's, and turns `here` on it, which has not been started: for the start of the server. `here` outlives the
// database, whose threads may still look at it when the answer has come. Throws what the database throws.
std::string kept_secret(sql::Database& database, std::string_view name, Worker& here);

}  // namespace meerkat
