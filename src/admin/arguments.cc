// SPDX-License-Identifier: Apache-2.0
#include "admin/arguments.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"
#include "base/text.h"
#include "xmpp/date_time.h"

namespace meerkat::admin {
namespace {

constexpr std::size_t longest_text = 8 * 1024;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Refusal wrong(std::string_view code, std::string sentence) { return {std::string{code}, std::move(sentence)}; }

// Control characters would end up in logs, stanzas and on terminals.
bool is_plain_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::optional<Refusal> problem_of(const Argument& argument, const std::string& text) {
  if (text.size() > longest_text)
    return wrong("argument_too_long", fmt::format("{} is longer than {} bytes", argument.name, longest_text));
  switch (argument.type) {
    case ArgumentType::user: {
      const auto jid = Jid::parse(text);
      if (jid && jid->is_bare() && jid->has_node()) return std::nullopt;
      return wrong("invalid_jid",
                   fmt::format("\"{}\" is not the address of an account; write it like alice@example.org", text));
    }
    case ArgumentType::address: {
      const auto jid = Jid::parse(text);
      if (jid && jid->has_node()) return std::nullopt;
      return wrong("invalid_jid", fmt::format("\"{}\" is not an address; write it like alice@example.org or "
                                              "alice@example.org/phone",
                                              text));
    }
    case ArgumentType::domain: {
      const auto jid = Jid::parse(text);
      if (jid && jid->is_domain()) return std::nullopt;
      return wrong("invalid_domain", fmt::format("\"{}\" is not a domain; write it like example.org", text));
    }
    case ArgumentType::number:
      if (number_in(text)) return std::nullopt;
      return wrong("not_a_number", fmt::format("{}: \"{}\" is not a number from 0 on", argument.name, text));
    case ArgumentType::time:
      if (parse_date_time(text)) return std::nullopt;
      return wrong("not_a_time",
                   fmt::format("{}: \"{}\" is not a moment; write it like 2026-01-31T00:00:00Z", argument.name, text));
    case ArgumentType::choice: {
      if (std::ranges::find(argument.choices, text) != argument.choices.end()) return std::nullopt;
      const auto near = closest(text, argument.choices);
      return wrong("not_a_choice",
                   fmt::format("{} must be one of {}{}", argument.name, fmt::join(argument.choices, ", "),
                               near ? fmt::format(" - did you mean \"{}\"?", *near) : ""));
    }
    case ArgumentType::flag:
      if (text == "true") return std::nullopt;
      return wrong("not_a_flag", fmt::format("{} is given or not; it has no value", argument.name));
    case ArgumentType::text:
      if (is_plain_text(text)) return std::nullopt;
      return wrong("control_characters", fmt::format("{} contains control characters", argument.name));
    case ArgumentType::password:
      return std::nullopt;
  }
  return std::nullopt;
}

Refusal unknown(const Command& command, std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(command.arguments.size());
  for (const Argument& argument : command.arguments) names.push_back(argument.name);
  const auto near = closest(name, names);
  return wrong("unknown_argument", fmt::format("{} has no argument of that name{}", command.full_name(),
                                               near ? fmt::format(" - did you mean \"{}\"?", *near) : ""));
}

}  // namespace

std::string Command::full_name() const {
  return affair.empty() ? std::string{name} : fmt::format("{} {}", affair, name);
}

const Argument* Command::argument(std::string_view wanted) const {
  const auto found = std::ranges::find(arguments, wanted, &Argument::name);
  return found == arguments.end() ? nullptr : &*found;
}

std::expected<Arguments, Refusal> Arguments::read(const Command& command, RawArguments raw) {
  for (const auto& [name, texts] : raw) {
    const Argument* const argument = command.argument(name);
    if (argument == nullptr) return std::unexpected(unknown(command, name));
    if (texts.empty() || (texts.size() > 1 && !argument->repeatable))
      return std::unexpected(wrong("one_value", fmt::format("{} has one value", argument->name)));
    for (const std::string& text : texts)
      if (auto problem = problem_of(*argument, text)) return std::unexpected(std::move(*problem));
  }
  for (const Argument& argument : command.arguments)
    if (argument.mandatory && !raw.contains(argument.name))
      return std::unexpected(
          wrong("missing_argument", fmt::format("{} is missing: {}", argument.name, argument.sentence)));
  Arguments arguments;
  arguments.command_ = &command;
  arguments.texts_ = std::move(raw);
  return arguments;
}

std::string Arguments::text(std::string_view name) const {
  const Argument* const argument = command_->argument(name);
  check(argument != nullptr, "commands ask for what they declare");
  const auto found = texts_.find(name);
  return found == texts_.end() ? std::string{argument->fallback} : found->second.front();
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
  const auto found = texts_.find(name);
  return found == texts_.end() ? std::vector<std::string>{} : found->second;
}

std::uint64_t Arguments::number(std::string_view name) const { return number_in(text(name)).value_or(0); }

WallTime Arguments::time(std::string_view name) const { return parse_date_time(text(name)).value_or(WallTime{}); }

Jid Arguments::jid(std::string_view name) const { return Jid::parse(text(name)).value_or(Jid{}); }

std::string Arguments::for_the_log() const {
  std::string line;
  for (const auto& [name, texts] : texts_) {
    const Argument* const argument = command_->argument(name);
    if (argument->type == ArgumentType::password) continue;
    for (const std::string& text : texts) line += fmt::format("{}{}={}", line.empty() ? "" : " ", name, text);
  }
  return line;
}

}  // namespace meerkat::admin
