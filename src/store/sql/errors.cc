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
  } catch (const Unavailable& known) {
    return std::make_exception_ptr(Unavailable{std::string{known.what()}, known.why()});
  } catch (...) {
    return std::make_exception_ptr(Unavailable{words_of(std::current_exception())});
  }
}

}  // namespace meerkat::sql
