// SPDX-License-Identifier: Apache-2.0
// Arguments that commands of several affairs take.
#pragma once

#include "admin/command.h"

namespace meerkat::admin {

inline constexpr Argument user_argument{.name = "user",
                                        .type = ArgumentType::user,
                                        .sentence = "The account, like alice@example.org.",
                                        .mandatory = true,
                                        .by_place = true};
inline constexpr Argument domain_argument{
    .name = "domain", .type = ArgumentType::domain, .sentence = "Only of this domain.", .by_place = true};

}  // namespace meerkat::admin
