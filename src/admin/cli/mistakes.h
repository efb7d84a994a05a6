// SPDX-License-Identifier: Apache-2.0
// What the program says to words it does not understand.
#pragma once

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace meerkat::admin {

// After a failed parse: `there is no command "sreve" - did you mean "serve"?`
std::string mistake_of(const CLI::App& app, const CLI::ParseError& error);

}  // namespace meerkat::admin
