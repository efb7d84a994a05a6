// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/remote_commands.h"

#include <algorithm>
#include <iostream>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "admin/cli/client.h"
#include "admin/cli/password.h"
#include "admin/cli/render.h"
#include "admin/wire.h"
#include "base/text.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat::admin {
namespace {

constexpr const char* usual_config = "/etc/meerkat/meerkat.toml";

std::string description(const Argument& argument) {
  std::string text{argument.sentence};
  if (argument.type == ArgumentType::password) text += " Left out, it is asked for; given here, others can read it.";
  if (!argument.fallback.empty()) text += fmt::format(" Default: {}", argument.fallback);
  return text;
}

// Described as "{a,b,c}", which help and completion show.
CLI::Validator one_of(const std::vector<std::string_view>& choices) {
  const auto problem = [choices](const std::string& word) -> std::string {
    if (std::ranges::find(choices, word) != choices.end()) return {};
    const auto near = closest(word, choices);
    return fmt::format("\"{}\" is not one of {}{}", printable(word), fmt::join(choices, ", "),
                       near ? fmt::format(" - did you mean \"{}\"?", *near) : "");
  };
  return CLI::Validator{problem, fmt::format("{{{}}}", fmt::join(choices, ",")), "one of"};
}

// Prints an answer, for people or for programs.
class Printer final : public AnswerTaker {
 public:
  Printer(bool json, const Command& command)
      : json_(json), when_empty_(command.when_empty), judged_by_(command.judged_by) {}
  int code() const { return code_; }

  void take(AnswerPart part) override {
    switch (part.kind) {
      case AnswerPart::Kind::refusal:
        return refuse(part.refusal);
      case AnswerPart::Kind::sentence:
        std::cout << (json_ ? json_of_sentence(part.sentence) : printable_lines(part.sentence)) << '\n';
        return;
      case AnswerPart::Kind::record:
        if (json_)
          std::cout << json_object(part.columns, part.rows.front()) << '\n';
        else
          print_record(std::cout, part.columns, part.rows.front());
        return;
      case AnswerPart::Kind::rows:
        return take_rows(part);
    }
  }

 private:
  void refuse(const Refusal& refusal) {
    code_ = ExitCode::refused;
    if (json_)
      std::cout << json_of(refusal) << '\n';
    else
      std::cerr << "meerkat: " << printable_lines(refusal.sentence) << '\n';
  }

  void take_rows(AnswerPart& part) {
    if (!begun_) begin(std::move(part.columns));
    if (table_) table_->add(part.rows);
    for (const Row& row : part.rows) {
      judge(row);
      const bool first = !std::exchange(has_rows_, true);
      if (json_) std::cout << (first ? "\n " : ",\n ") << json_object(columns_, row);
    }
    if (part.more) return;
    if (!json_ && !has_rows_ && !when_empty_.empty()) {
      std::cout << when_empty_ << '\n';
      return;
    }
    if (table_) table_->end();
    if (json_) std::cout << (has_rows_ ? "\n]\n" : "]\n");
  }

  void judge(const Row& row) {
    if (judged_by_.empty()) return;
    const auto judge = std::ranges::find(columns_, judged_by_, &AnswerColumn::name);
    const auto at = static_cast<std::size_t>(judge - columns_.begin());
    if (at < row.size() && row[at] == Value{false}) code_ = ExitCode::refused;
  }

  void begin(std::vector<AnswerColumn> columns) {
    begun_ = true;
    columns_ = std::move(columns);
    if (json_)
      std::cout << '[';
    else
      table_.emplace(std::cout, columns_);
  }

  const bool json_;
  const std::string_view when_empty_;
  const std::string_view judged_by_;
  int code_ = ExitCode::done;
  bool begun_ = false;
  bool has_rows_ = false;
  std::vector<AnswerColumn> columns_;
  std::optional<TablePrinter> table_;
};

}  // namespace

// One command, and what was given with it.
struct RemoteCommands::Word {
  const Command& command;
  CLI::App* app = nullptr;
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, bool> flags;
  std::string config = usual_config;
  std::string socket;
  bool json = false;
  bool password_from_stdin = false;

  void declare(const Argument& argument);
  std::expected<void, std::string> add_password(const Argument& argument, RawArguments& arguments) const;
  std::expected<Request, std::string> request() const;
  int run(const SocketFinder& find_socket) const;
};

void RemoteCommands::Word::declare(const Argument& argument) {
  const std::string name{argument.name};
  if (argument.type == ArgumentType::flag) {
    app->add_flag("--" + name, flags[argument.name], description(argument));
    return;
  }
  CLI::Option* const option =
      app->add_option(argument.by_place ? name : "--" + name, values[argument.name], description(argument));
  option->required(argument.mandatory && argument.type != ArgumentType::password);
  if (!argument.repeatable) option->expected(1)->allow_extra_args(false);
  if (argument.type == ArgumentType::number) option->type_name("NUMBER");
  if (argument.type == ArgumentType::time) option->type_name("TIME");
  if (argument.type == ArgumentType::choice) option->check(one_of(argument.choices));
  if (argument.type == ArgumentType::password)
    app->add_flag("--password-stdin", password_from_stdin, "Take the password from standard input, its first line.");
}

std::expected<void, std::string> RemoteCommands::Word::add_password(const Argument& argument,
                                                                    RawArguments& arguments) const {
  std::expected<std::string, std::string> password;
  if (!values.at(argument.name).empty()) {
    std::cerr << "meerkat: others on this machine can read a password on the command line; leave it out and it is "
                 "asked for, or use --password-stdin\n";
    password = values.at(argument.name).front();
  } else if (password_from_stdin) {
    password = admin::password_from_stdin();
  } else {
    password = password_from_terminal(command.changes ? Asked::twice : Asked::once);
  }
  if (!password) return std::unexpected(password.error());
  arguments[std::string{argument.name}] = {std::move(*password)};
  return {};
}

std::expected<Request, std::string> RemoteCommands::Word::request() const {
  Request request{command.full_name(), {}};
  for (const Argument& argument : command.arguments) {
    const std::string name{argument.name};
    if (argument.type == ArgumentType::flag) {
      if (flags.at(argument.name)) request.arguments[name] = {"true"};
    } else if (argument.type == ArgumentType::password) {
      if (auto added = add_password(argument, request.arguments); !added) return std::unexpected(added.error());
    } else if (const auto& given = values.at(argument.name); !given.empty()) {
      request.arguments[name] = given;
    }
  }
  return request;
}

int RemoteCommands::Word::run(const SocketFinder& find_socket) const {
  const auto complain = [](std::string_view why, int code) {
    std::cerr << "meerkat: " << printable(why) << '\n';
    return code;
  };
  std::filesystem::path path = socket;
  if (socket.empty()) {
    auto found = find_socket(config);
    if (!found) return complain(found.error(), ExitCode::not_reachable);
    path = std::move(*found);
  }
  auto asked = request();
  if (!asked) return complain(asked.error(), ExitCode::wrong_usage);
  Printer printer{json, command};
  const auto answered = ask_server(path, *asked, printer);
  for (auto& [name, texts] : asked->arguments)
    for (std::string& text : texts) wipe(text);
  std::cout << std::flush;
  if (!answered) return complain(answered.error(), ExitCode::not_reachable);
  return printer.code();
}

RemoteCommands::RemoteCommands(CLI::App& app, std::vector<Command> commands) : commands_(std::move(commands)) {
  std::map<std::string_view, CLI::App*> affairs;
  const std::map<std::string_view, const char*> sentences{{"account", "Accounts: made, changed, removed, banned."},
                                                          {"session", "Sessions of clients that are logged in."},
                                                          {"last", "When accounts were last here."},
                                                          {"pool", "The pools of services outside."},
                                                          {"log", "What the running server logs, and has logged."},
                                                          {"live", "What happens in the running server."},
                                                          {"trace", "The stanzas of one address, as they come and go."},
                                                          {"config", "About the configuration."},
                                                          {"system-metrics", "What the server reports of itself."},
                                                          {"certificate", "The certificates that clients are shown."}};
  for (const Command& command : commands_) {
    if (command.affair.empty()) {
      add(app, command);
      continue;
    }
    CLI::App*& affair = affairs[command.affair];
    if (affair == nullptr) {
      const auto sentence = sentences.find(command.affair);
      affair = app.add_subcommand(std::string{command.affair}, sentence == sentences.end() ? "" : sentence->second);
      affair->require_subcommand(1);
    }
    add(*affair, command);
  }
}

RemoteCommands::~RemoteCommands() = default;

void RemoteCommands::add(CLI::App& parent, const Command& command) {
  auto& word = words_.emplace_back(std::make_unique<Word>(command));
  word->app = parent.add_subcommand(std::string{command.name}, std::string{command.sentence});
  for (const Argument& argument : command.arguments) word->declare(argument);
  CLI::Option* const config =
      word->app->add_option("-c,--config", word->config, "The configuration file of the server")->type_name("FILE");
  word->app->add_option("--socket", word->socket, "The socket of the server, if you know it better")
      ->type_name("PATH")
      ->excludes(config);
  word->app->add_flag("--json", word->json, "Answer in JSON, for programs.");
}

std::optional<int> RemoteCommands::run(const SocketFinder& find_socket) {
  for (const auto& word : words_)
    if (word->app->parsed()) return word->run(find_socket);
  return std::nullopt;
}

}  // namespace meerkat::admin
