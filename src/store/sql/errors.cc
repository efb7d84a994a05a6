// SPDX-License-Identifier: Apache-2.0
#include "store/sql/errors.h"

namespace meerkat::sql {

std::exception_ptr copy_of(const std::exception_ptr& failure) {
  if (!failure) return nullptr;
  // Made anew from the words: copies of a standard exception share their text.
  try {
    std::rethrow_exception(failure);
  } catch (const Constraint& known) {
    return std::make_exception_ptr(Constraint{known.kind(), std::string{known.what()}});
  } catch (const BadStatement& known) {
    return std::make_exception_ptr(BadStatement{std::string{known.what()}});
  } catch (...) {
    return std::make_exception_ptr(Unavailable{words_of(std::current_exception())});
  }
}

std::string words_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& known) {
    return known.what();  // for a message or a log line, where it is handled
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace meerkat::sql
