// SPDX-License-Identifier: Apache-2.0
// What a caller of an outside service is thrown when there is no answer.
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

namespace meerkat {

// What was asked did not happen, or was not confirmed; asking again later may succeed. The words are for the log.
class Unavailable : public std::runtime_error {
 public:
  enum class Why : std::uint8_t {
    failed,     // the service or the way to it broke while it worked on the call, or it cannot serve now
    down,       // no connection, and the last attempt to get one failed
    timed_out,  // no answer within the time that the pool gives a call
    full,       // every queue that the call could have stood in is full, or no worker is free
    stopped     // the pool has been told to stop
  };

  explicit Unavailable(const std::string& words, Why why = Why::failed) : std::runtime_error(words), why_(why) {}
  Why why() const { return why_; }
  bool timed_out() const { return why_ == Why::timed_out; }

 private:
  Why why_;
};

// The words of whatever it is.
std::string words_of(const std::exception_ptr& failure);

}  // namespace meerkat
