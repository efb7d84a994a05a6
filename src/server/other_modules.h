// SPDX-License-Identifier: Apache-2.0
// The modules of MongooseIM that Meerkat does not have: files that name them are read, with a warning.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace meerkat {

struct OtherModule {
  std::string_view name;
  // What takes its place; empty if nothing does yet.
  std::string_view instead;
};

std::span<const OtherModule> other_modules();

// What the warning says, as it stands behind the path.
std::string warning_of(const OtherModule& module);

}  // namespace meerkat
