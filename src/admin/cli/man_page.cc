// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/man_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/version.h"

namespace meerkat::admin {
namespace {

// Backslashes, hyphens that are to be copied, and what begins a line of roff.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

std::string described(const WordNode& node) {
  std::string text = fmt::format(".TP\n.B {}", plain("meerkat" + node.path));
  if (!node.places.empty()) text += fmt::format("\n.I {}", plain(fmt::format("{}", fmt::join(node.places, " "))));
  text += "\n" + plain(node.sentence) + "\n";
  for (const OptionWord& option : node.options) {
    if (option.names.back() == "--help") continue;
    text += fmt::format(".RS\n.TP\n.B {}\n{}\n.RE\n", plain(fmt::format("{}", fmt::join(option.names, ", "))),
                        plain(option.sentence));
  }
  return text;
}

}  // namespace

std::string man_page(const WordNode& root) {
  std::string page = fmt::format(
      ".TH MEERKAT 8 \"\" \"Meerkat {}\"\n.SH NAME\nmeerkat \\- an XMPP server\n.SH SYNOPSIS\n.B meerkat\n"
      ".I command\n[\n.I arguments\n]\n.SH COMMANDS\n",
      product_version);
  for (const WordNode* node : all_nodes(root))
    if (node->words.empty() || !node->places.empty()) page += described(*node);
  page +=
      ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nRefused by the server, or the server could not start.\n.TP\n.B 2\n"
      "Wrong words on the command line, or a wrong configuration.\n.TP\n.B 3\nThe server could not be reached.\n"
      ".SH FILES\n.TP\n.I /etc/meerkat/meerkat.toml\nThe configuration, if no other is named.\n";
  return page;
}

}  // namespace meerkat::admin
