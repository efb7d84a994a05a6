// SPDX-License-Identifier: Apache-2.0
// The arguments of one command, checked against its declaration.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/command.h"
#include "base/clock.h"
#include "xmpp/jid.h"

namespace meerkat::admin {

// As they came: names and texts. A flag that is given has the text "true".
using RawArguments = std::map<std::string, std::vector<std::string>, std::less<>>;

// Values; asking for an argument that the command does not declare is a mistake of the programmer.
class Arguments {
 public:
  // Refuses what is missing, unknown, too many, or not of its type.
  static std::expected<Arguments, Refusal> read(const Command& command, RawArguments raw);

  bool given(std::string_view name) const { return texts_.contains(name); }
  // "" when it was not given and has no fallback.
  std::string text(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  bool flag(std::string_view name) const { return given(name); }
  std::uint64_t number(std::string_view name) const;
  WallTime time(std::string_view name) const;
  // The prepared address, of a user or address that was given.
  Jid jid(std::string_view name) const;

  // Who gives the command: "uid 0 pid 4711".
  const std::string& asker() const { return asker_; }
  void asked_by(std::string who) { asker_ = std::move(who); }

  // For the log: name=value of everything that is no secret.
  std::string for_the_log() const;

 private:
  const Command* command_ = nullptr;
  RawArguments texts_;
  std::string asker_;
};

}  // namespace meerkat::admin
