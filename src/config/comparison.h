// SPDX-License-Identifier: Apache-2.0
// Two configurations compared, for a change while the server runs: what is different, where it was written, and whether
// it can be applied at once.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/node.h"
#include "config/spec.h"

namespace meerkat::config {

struct Change {
  enum class Kind { changed, added, removed };

  Kind kind = Kind::changed;
  std::string path;           // modules.mod_ping.ping_interval; listen.c2s[1].port, counted as in the file it stands in
  Place place;                // in the newer file; of what was removed, in the older
  std::string before, after;  // as TOML writes them, long ones cut off, secrets hidden; empty if there is none
  bool needs_restart = false;
};

// What was changed in the running server, or why nothing was.
struct ChangeOutcome {
  bool refused = false;
  std::vector<Change> changes;
  std::vector<std::string> reasons;   // why it was refused; one line each
  std::vector<std::string> warnings;  // what the file made the reader say besides
};

// `described` is what all sections know of their options, modules as modules.<name>. Writing down a default changes
// nothing, nor does the order of tables, listeners (told apart by address and port) and host types.
std::vector<Change> compare(const Node& before, const Node& after, std::span<const OptionDescription> described);

// "~ general.loglevel = "warning" → "debug"", "+ [modules.mod_ping]", "- [modules.mod_time]".
std::string line_of(const Change& change);

// The whole value as TOML, on one line and with the keys of tables in order, so that equal texts mean equal values.
std::string canonical(const Node& node);

}  // namespace meerkat::config
