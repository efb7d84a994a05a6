// SPDX-License-Identifier: Apache-2.0
// Under which name a server reports: a random id that says nothing about it, the same for all servers on one database
// outside and after every restart. MongooseIM's table `mongoose_cluster_id`.
#pragma once

#include <string>

#include "runtime/task.h"
#include "store/sql/database.h"
#include "store/sql/migration.h"

namespace meerkat {

sql::Schema client_id_schema();

// A UUID of version 4, made by whoever asks first. With a database outside (`shared` is not null) its id is
// everybody's, the embedded database knows it as well, and the server goes on with that while the other one cannot be
// asked; an id that the server had by itself becomes the common one if it is the first. Throws what the databases
// throw.
Task<std::string> find_client_id(sql::Database& embedded, sql::Database* shared);

}  // namespace meerkat
