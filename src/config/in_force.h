// SPDX-License-Identifier: Apache-2.0
// All options with the values that they have, whether they stand in the file or not.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/node.h"
#include "config/spec.h"

namespace meerkat::config {

struct OptionInForce {
  std::string path;   // modules.mod_ping.ping_interval; listen.c2s[1].port
  std::string value;  // as TOML, long ones cut off, secrets hidden
  Place place;        // in the file; line 0: it has its default

  bool is_default() const { return place.line == 0; }
};

// Of a file that was read without errors, in its order, each table followed by the defaults of what it leaves out.
// `described` is what all sections know of their options, modules as modules.<name>. Options that have no value unless
// they are given, and tables and modules that may be absent, are told only when they are there.
std::vector<OptionInForce> options_in_force(const Node& file, std::span<const OptionDescription> described);

}  // namespace meerkat::config
