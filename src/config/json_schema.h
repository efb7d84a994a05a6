// SPDX-License-Identifier: Apache-2.0
// A JSON schema (draft 7) of what was described: editors complete keys, show sentences and mark mistakes with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/spec.h"

namespace meerkat::config {

// A table whose own tables are described elsewhere: [modules], with one of each module.
struct DescribedElsewhere {
  struct Table {
    std::string_view name;
    std::shared_ptr<const Spec> spec;  // null: accepted, without effect
  };

  std::string key;  // wherever an option of this name stands
  std::vector<Table> tables;
};

std::string json_schema(const Spec& root, const DescribedElsewhere& elsewhere);

}  // namespace meerkat::config
