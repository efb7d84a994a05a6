// SPDX-License-Identifier: Apache-2.0
// Accounts that a program knows, asked in the protocol of external_program.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "config/section.h"
#include "core/accounts.h"

namespace meerkat {

class ExternalProgram;

struct ExternalAccountOptions {
  std::string program;
  std::uint32_t instances = 1;
};

config::Section<ExternalAccountOptions> external_accounts_section();

// Any thread.
std::unique_ptr<Accounts> make_external_accounts(std::unique_ptr<ExternalProgram> program);

}  // namespace meerkat
