// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

#include <cstdlib>

#include <fmt/format.h>

#include "base/log.h"

namespace meerkat {

void contract_broken(std::string_view what, const std::source_location& where) {
  log_error("contract_broken", {{"text", what}, {"file", where.file_name()}, {"line", where.line()}});
#ifdef NDEBUG
  throw Bug(fmt::format("{} ({}:{})", what, where.file_name(), where.line()));
#else
  std::abort();
#endif
}

}  // namespace meerkat
