// SPDX-License-Identifier: Apache-2.0
// The other end of the private socket: asks a running server, and waits for the answer.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "admin/wire.h"

namespace meerkat::admin {

// Takes the parts of an answer.
class AnswerTaker {
 public:
  virtual void take(AnswerPart part) = 0;

 protected:
  ~AnswerTaker() = default;
};

// Connects, asks, and hands over every part of the answer. Blocks. The error says why there was no whole answer, and
// what to do.
std::expected<void, std::string> ask_server(const std::filesystem::path& socket, const Request& request,
                                            AnswerTaker& taker);

}  // namespace meerkat::admin
