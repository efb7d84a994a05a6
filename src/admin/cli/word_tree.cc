// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/word_tree.h"

#include <CLI/CLI.hpp>

namespace meerkat::admin {
namespace {

// A validator that knows its words describes itself as "{a,b,c}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto begin = type.find('{');
  const auto end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  return CLI::detail::split(type.substr(begin + 1, end - begin - 1), ',');
}

OptionWord option_word(const CLI::Option& option) {
  OptionWord word{{}, option.get_description(), option.get_items_expected_max() > 0};
  for (const std::string& name : option.get_snames()) word.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) word.names.push_back("--" + name);
  return word;
}

WordNode node_of(const CLI::App& app, const std::string& path) {
  WordNode node{.path = path, .name = app.get_name(), .sentence = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) {
      node.options.push_back(option_word(*option));
      continue;
    }
    const std::string name = option->get_name(true);
    node.places.push_back(option->get_required() ? name : "[" + name + "]");
    for (std::string& choice : choices_of(*option)) node.choices.push_back(std::move(choice));
  }
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    node.words.push_back(node_of(*each, path + " " + each->get_name()));
  return node;
}

void collect(const WordNode& node, std::vector<const WordNode*>& all) {
  all.push_back(&node);
  for (const WordNode& word : node.words) collect(word, all);
}

}  // namespace

WordNode word_tree(const CLI::App& app) { return node_of(app, ""); }

std::vector<const WordNode*> all_nodes(const WordNode& root) {
  std::vector<const WordNode*> all;
  collect(root, all);
  return all;
}

}  // namespace meerkat::admin
