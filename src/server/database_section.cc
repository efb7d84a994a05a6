// SPDX-License-Identifier: Apache-2.0
#include "server/database_section.h"

namespace meerkat {

config::Section<InternalDatabasesSettings> internal_databases_section() {
  using namespace config;
  using S = InternalDatabasesSettings;
  const auto embedded = Section<EmbeddedSettings>{"internal_databases.embedded", "The embedded database."}.option(
      "directory", &EmbeddedSettings::directory,
      "Where the files are; created when it is missing. A relative path starts where the server is started.", non_empty,
      needs_restart, example("\"/var/lib/meerkat\""));
  return Section<S>{"internal_databases", "The database inside the server."}
      .section("embedded", &S::embedded, embedded)
      .ignored("mnesia", "Meerkat's embedded database takes the place of Mnesia.")
      .ignored("cets", "Meerkat's embedded database takes the place of CETS.");
}

}  // namespace meerkat
