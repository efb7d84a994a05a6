// SPDX-License-Identifier: Apache-2.0
// All words of the command line as a tree, for whatever is generated from them.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace meerkat::admin {

struct OptionWord {
  std::vector<std::string> names;  // "-c", "--config"
  std::string sentence;
  bool takes_value = false;
};
struct WordNode {
  std::string path;  // " account register"; empty at the root
  std::string name;
  std::string sentence;
  std::vector<OptionWord> options;
  std::vector<std::string> places;   // names of positional arguments; [name] where it may be left out
  std::vector<std::string> choices;  // what may stand at a place, where that is known
  std::vector<WordNode> words;
};

WordNode word_tree(const CLI::App& app);
// The node itself and all below, those that are nearer to the root first.
std::vector<const WordNode*> all_nodes(const WordNode& root);

}  // namespace meerkat::admin
