// SPDX-License-Identifier: Apache-2.0
// Whoever shows a certificate that names somebody here is that somebody (SASL EXTERNAL); no accounts are kept.
#pragma once

#include <memory>

#include "config/section.h"
#include "core/accounts.h"

namespace meerkat {

struct PkiAccountOptions {};

config::Section<PkiAccountOptions> pki_accounts_section();

// Every name exists. Any thread.
std::unique_ptr<Accounts> make_pki_accounts();

}  // namespace meerkat
