// SPDX-License-Identifier: Apache-2.0
#include "config/json_schema.h"

#include <doctest/doctest.h>

#include "config/sample_server.h"

using namespace meerkat::config;

TEST_CASE("a schema tells types, limits and defaults") {
  const std::string schema = json_schema(sample::pool().spec(), {});

  CHECK(schema == R"({"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"": {"type": "object", )"
                  R"("properties": {}, "additionalProperties": false}}, "type": "object", "description": )"
                  R"("Connections to a database.", "properties": {"workers": {"description": "How many connections.", )"
                  R"("type": "integer", "minimum": 1, "maximum": 100, "default": 10}, "backend": {"description": )"
                  R"("What is connected to.", "enum": ["embedded", "rdbms", "mnesia"], "default": "rdbms"}}, )"
                  R"("additionalProperties": false})"
                  "\n");
}

TEST_CASE("a schema has what must be given, under each of its names") {
  const std::string schema = json_schema(sample::section().spec(), {.key = "modules", .tables = {{"mod_x", nullptr}}});

  CHECK(schema.contains(R"("required": ["default_domain"])"));
  CHECK(schema.contains(R"("clients": {"type": "array", "items": {"type": "object")"));
  CHECK(schema.contains(R"("modules": {"description": "Read by the modules themselves.", "allOf": )"
                        R"([{"$ref": "#/definitions/modules"}]})"));
  CHECK(schema.contains(R"("mod_x": {"type": "object", "description": "Accepted with a warning; has no effect."})"));
  CHECK(schema.contains(R"("anyOf": [{"anyOf": [{"type": "integer", "minimum": 0}, )"));
}
