// SPDX-License-Identifier: Apache-2.0
// Every name with every password, after a while that looks like work: for load tests.
#pragma once

#include <chrono>
#include <memory>

#include "config/section.h"
#include "core/accounts.h"

namespace meerkat {

struct DummyAccountOptions {
  std::chrono::milliseconds base_time{50};
  std::chrono::milliseconds variance{450};
};

config::Section<DummyAccountOptions> dummy_accounts_section();

// Warns once in the log. Any thread.
std::unique_ptr<Accounts> make_dummy_accounts(DummyAccountOptions options);

}  // namespace meerkat
