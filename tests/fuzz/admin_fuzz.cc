// SPDX-License-Identifier: Apache-2.0
// Any line as a request at the administrators' socket, and as an answer: what is accepted means the same when it is
// written again, what is refused says why, and every command finds its arguments good or says what is wrong with them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/commands.h"
#include "admin/wire.h"
#include "require.h"

using namespace meerkat::admin;
using meerkat::fuzz::require;

namespace {

void is_told_well(const Refusal& refusal) {
  require(!refusal.code.empty() && !refusal.sentence.empty(), "a refusal has a code and a sentence");
  const std::string line = write_refusal(refusal);
  require(line.find('\n') + 1 == line.size(), "an answer is one line", line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Command> commands = all_commands();
  const std::string_view line{reinterpret_cast<const char*>(data), size};

  (void)read_answer(line);
  const auto request = read_request(line);
  if (!request) return is_told_well(request.error()), 0;

  const std::string written = write_request(*request);
  const auto again = read_request(written);
  require(again && again->command == request->command && again->arguments == request->arguments,
          "a request arrives as it was sent", written);
  const Command* const command = find_command(commands, request->command);
  if (command == nullptr) return is_told_well(no_such_command(commands, request->command)), 0;
  if (const auto arguments = Arguments::read(*command, request->arguments); !arguments) is_told_well(arguments.error());
  return 0;
}
