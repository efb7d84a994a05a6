// SPDX-License-Identifier: Apache-2.0
// The main function that every unit test binary shares.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#if __has_feature(thread_sanitizer)
// libstdc++ counts an exception's references where ThreadSanitizer does not look: when a worker frees an exception that
// the test has caught and read, it sees a race. Debian's libstdc++ is not instrumented, so this cannot be told in the
// code.
extern "C" const char* __tsan_default_suppressions() {
  return "race:std::__exception_ptr::exception_ptr::_M_release\n"
         "race:std::logic_error::~logic_error\n"
         "race:std::runtime_error::~runtime_error\n";
}
#endif
