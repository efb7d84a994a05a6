// SPDX-License-Identifier: Apache-2.0
// What a failure that was caught, and is to be told later, is about.
#pragma once

#include <exception>

#include "store/sql/errors.h"

namespace meerkat::sql {

// The database cannot be asked just now: the same may work later. False where there is no failure.
inline bool is_unavailable(const std::exception_ptr& failure) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const Unavailable&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace meerkat::sql
