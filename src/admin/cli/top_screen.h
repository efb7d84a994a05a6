// SPDX-License-Identifier: Apache-2.0
// What `meerkat top` shows, as lines of text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "admin/cli/question.h"
#include "admin/cli/terminal.h"

namespace meerkat::admin {

// What the server has answered.
struct TopFacts {
  WholeAnswer status;
  WholeAnswer figures;  // oldest first
  WholeAnswer workers;
  WholeAnswer pools;
  WholeAnswer slowest;
};

enum class Charset : std::uint8_t { ascii, unicode };

// A column for each value, the highest as high as a line; at most so many, the last ones.
std::string sparkline(std::span<const std::int64_t> values, std::size_t columns, Charset charset);

// Printable, and no wider than the screen; as many lines as it takes.
std::vector<std::string> top_screen(const TopFacts& facts, ScreenSize size, Charset charset);

// {"status":{…},"figures":[…],…} on one line.
std::string top_json(const TopFacts& facts);

}  // namespace meerkat::admin
