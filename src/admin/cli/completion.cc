// SPDX-License-Identifier: Apache-2.0
// All three scripts do the same: they walk along the words that stand there already, and offer what comes next.
#include "admin/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meerkat::admin {
namespace {

// For single quotes of bash and zsh.
std::string quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + "'";
}

// fish knows backslashes in its single quotes.
std::string quoted_for_fish(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

// Pattern of a case: all paths below the root.
std::string paths(const std::vector<const WordNode*>& nodes) {
  std::string pattern;
  for (const WordNode* node : nodes)
    if (!node->path.empty()) pattern += (pattern.empty() ? "" : "|") + quoted(node->path);
  return pattern;
}

std::vector<std::string> names_with_value(const WordNode& node) {
  std::vector<std::string> names;
  for (const OptionWord& option : node.options)
    if (option.takes_value)
      for (const std::string& name : option.names) names.push_back(quoted(node.path + ":" + name));
  return names;
}

std::vector<std::string> next_words(const WordNode& node) {
  std::vector<std::string> words = node.choices;
  for (const WordNode& word : node.words) words.push_back(word.name);
  for (const OptionWord& option : node.options)
    for (const std::string& name : option.names)
      if (name.starts_with("--")) words.push_back(name);
  return words;
}

std::string values_pattern(const std::vector<const WordNode*>& nodes) {
  std::vector<std::string> all;
  for (const WordNode* node : nodes)
    for (std::string& name : names_with_value(*node)) all.push_back(std::move(name));
  return all.empty() ? "''" : fmt::format("{}", fmt::join(all, "|"));
}

}  // namespace

std::string bash_completion(const WordNode& root) {
  const auto nodes = all_nodes(root);
  std::string script =
      "# bash completion for meerkat; made by `meerkat completion bash`.\n_meerkat() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local at= word words=\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$at $word\" in\n";
  script += fmt::format("      {}) at=\"$at $word\" ;;\n    esac\n  done\n", paths(nodes));
  script +=
      fmt::format("  case \"$at:$previous\" in\n    {}) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n  esac\n",
                  values_pattern(nodes));
  script += "  case \"$at\" in\n";
  for (const WordNode* node : nodes)
    script += fmt::format("    {}) words={} ;;\n", quoted(node->path),
                          quoted(fmt::format("{}", fmt::join(next_words(*node), " "))));
  script += "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\ncomplete -F _meerkat meerkat\n";
  return script;
}

std::string zsh_completion(const WordNode& root) {
  const auto nodes = all_nodes(root);
  std::string script =
      "#compdef meerkat\n# zsh completion for meerkat; made by `meerkat completion zsh`.\n_meerkat() {\n"
      "  local at= word\n  local -a next\n"
      "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n    case \"$at $word\" in\n";
  script += fmt::format("      {}) at=\"$at $word\" ;;\n    esac\n  done\n", paths(nodes));
  script +=
      fmt::format("  case \"$at:${{words[CURRENT-1]}}\" in\n    {}) _files; return ;;\n  esac\n  case \"$at\" in\n",
                  values_pattern(nodes));
  for (const WordNode* node : nodes) {
    std::string words;
    for (const std::string& choice : node->choices) words += " " + quoted(choice);
    for (const WordNode& word : node->words) words += " " + quoted(word.name + ":" + word.sentence);
    for (const OptionWord& option : node->options)
      for (const std::string& name : option.names)
        if (name.starts_with("--")) words += " " + quoted(name + ":" + option.sentence);
    script += fmt::format("    {}) next=({} ) ;;\n", quoted(node->path), words);
  }
  script +=
      "  esac\n  _describe meerkat next\n}\n"
      "if [[ ${funcstack[1]-} == _meerkat ]]; then _meerkat \"$@\"; else compdef _meerkat meerkat; fi\n";
  return script;
}

std::string fish_completion(const WordNode& root) {
  const auto nodes = all_nodes(root);
  std::string script =
      "# fish completion for meerkat; made by `meerkat completion fish`.\nfunction __meerkat_at\n"
      "  set -l at ''\n  set -l words (commandline -opc)\n"
      "  for word in $words[2..-1]\n    switch \"$at $word\"\n      case";
  for (const WordNode* node : nodes)
    if (!node->path.empty()) script += " " + quoted_for_fish(node->path);
  script +=
      "\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\ncomplete -c meerkat -f\n";
  for (const WordNode* node : nodes) {
    const std::string here = fmt::format("complete -c meerkat -n \"__meerkat_at '{}'\"", node->path);
    for (const std::string& choice : node->choices) script += fmt::format("{} -a {}\n", here, quoted_for_fish(choice));
    for (const WordNode& word : node->words)
      script += fmt::format("{} -a {} -d {}\n", here, quoted_for_fish(word.name), quoted_for_fish(word.sentence));
    for (const OptionWord& option : node->options) {
      std::string line = here;
      for (const std::string& name : option.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      script += fmt::format("{}{} -d {}\n", line, option.takes_value ? " -r -F" : "", quoted_for_fish(option.sentence));
    }
  }
  return script;
}

}  // namespace meerkat::admin
