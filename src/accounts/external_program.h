// SPDX-License-Identifier: Apache-2.0
// A program that knows the accounts, run by us: one process for each worker of a pool. It reads requests and writes
// answers, each behind its length in two bytes, the higher one first, as ejabberd has it:
//
//   auth:USER:SERVER:PASSWORD   setpass:USER:SERVER:PASSWORD   tryregister:USER:SERVER:PASSWORD
//   isuser:USER:SERVER          removeuser:USER:SERVER
//
// The answer is two bytes, 0 1 for yes and 0 0 for no.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/task.h"
#include "store/pool/outgoing_pool.h"

namespace meerkat {

struct ExternalProgramSettings {
  std::string name;  // for log lines: "external.example.org"
  std::string program;
  std::uint32_t instances = 1;
  std::chrono::milliseconds call_timeout{4'000};  // less than clients have for a step of their login
  std::chrono::milliseconds answer_time{4'000};   // of the program for one question, from when it is asked
  BackOffLimits back_off;
};

// Processes are started at once, and again when they end; one that does not answer in time is killed. What it answers
// after the caller's time, and within its own, is thrown away. One that ends before it has answered anything is started
// less and less often. Any thread.
class ExternalProgram {
 public:
  explicit ExternalProgram(const ExternalProgramSettings& settings);

  // What it answers. Throws Unavailable. `may_repeat`: may be asked of a second process when the first ends under it.
  Task<bool> ask(std::string request, bool may_repeat);
  OutgoingPool& pool() { return pool_; }

  // The length stands in two bytes.
  static constexpr std::size_t longest_request = 65'535;

 private:
  OutgoingPool pool_;
};

}  // namespace meerkat
