// SPDX-License-Identifier: Apache-2.0
#include "store/pool/unavailable.h"

namespace meerkat {

std::string words_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();  // for a message or a log line, where it is handled
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace meerkat
