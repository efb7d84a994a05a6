// SPDX-License-Identifier: Apache-2.0
#include "admin/commands.h"

#include <doctest/doctest.h>

#include <set>

using namespace meerkat;
using namespace meerkat::admin;

namespace {

const Command& command(std::string_view name) {
  static const std::vector<Command> all = all_commands();
  const Command* const found = find_command(all, name);
  REQUIRE(found != nullptr);
  return *found;
}

std::string refusal_of(std::string_view name, RawArguments raw) {
  const auto read = Arguments::read(command(name), std::move(raw));
  return read ? "" : read.error().code;
}

}  // namespace

TEST_CASE("every command says what it does, what it takes and what it answers") {
  std::set<std::string> names;
  for (const Command& each : all_commands()) {
    CAPTURE(each.full_name());
    CHECK(names.insert(each.full_name()).second);
    CHECK(each.sentence.ends_with('.'));
    CHECK((each.run != nullptr));
    CHECK(each.columns.empty() == (each.answer == Answers::sentence));
    bool may_miss = false;
    for (const Argument& argument : each.arguments) {
      CHECK(argument.sentence.ends_with('.'));
      CHECK((argument.type == ArgumentType::choice) == !argument.choices.empty());
      // On a command line, what may be left out comes last.
      if (argument.by_place) {
        CHECK_FALSE((argument.mandatory && may_miss));
        may_miss = may_miss || !argument.mandatory;
      }
    }
    for (const Column& column : each.columns) CHECK(column.sentence.ends_with('.'));
  }
}

TEST_CASE("arguments that are missing, unknown, too many or of another type are refused with a code") {
  CHECK(refusal_of("account register", {}) == "missing_argument");
  CHECK(refusal_of("account register", {{"user", {"alice@localhost"}}}) == "missing_argument");
  CHECK(refusal_of("account register", {{"usr", {"alice@localhost"}}}) == "unknown_argument");
  CHECK(refusal_of("account check", {{"user", {"alice@localhost", "bob@localhost"}}}) == "one_value");
  for (const char* text : {"", "localhost", "alice@localhost/phone", "@", "a b@localhost", "alice@localhost\n"})
    CHECK(refusal_of("account check", {{"user", {text}}}) == "invalid_jid");
  CHECK(refusal_of("session kick", {{"address", {"localhost"}}}) == "invalid_jid");
  CHECK(refusal_of("account list", {{"domain", {"alice@localhost"}}}) == "invalid_domain");
  for (const char* text : {"", "-1", "1x", "99999999999999999999", "1.5"})
    CHECK(refusal_of("account list", {{"limit", {text}}}) == "not_a_number");
  CHECK(refusal_of("log level", {{"level", {"loud"}}}) == "not_a_choice");
  CHECK(refusal_of("session kick", {{"address", {"a@b"}}, {"reason", {"red \x1b[31m"}}}) == "control_characters");
  CHECK(refusal_of("session kick", {{"address", {"a@b"}}, {"reason", {std::string(9000, 'x')}}}) ==
        "argument_too_long");
}

TEST_CASE("arguments have their values and defaults, and addresses are prepared") {
  const auto read = Arguments::read(command("account ban"), {{"user", {"Alice@LOCALHOST"}}});

  REQUIRE(read.has_value());
  CHECK(read->jid("user").text() == "alice@localhost");
  CHECK(read->text("reason") == "This account was banned.");
  CHECK_FALSE(read->given("reason"));
}

TEST_CASE("what is told to the log has no password in it") {
  const auto read =
      Arguments::read(command("account register"), {{"user", {"alice@localhost"}}, {"password", {"hunter2"}}});

  REQUIRE(read.has_value());
  CHECK(read->for_the_log() == "user=alice@localhost");
}

TEST_CASE("who asks for a command that is not there hears which one may be meant") {
  const auto all = all_commands();

  CHECK(no_such_command(all, "account regsiter").sentence ==
        "there is no such command - did you mean \"account register\"?");
  CHECK(no_such_command(all, "zzzzzzzzzz").code == "no_such_command");
}

TEST_CASE("the reference has every command, argument and column") {
  const std::string page = commands_reference(all_commands());
  for (const Command& each : all_commands()) {
    CHECK(page.find("\n## " + each.full_name() + "\n") != std::string::npos);
    for (const Argument& argument : each.arguments)
      CHECK(page.find("| `" + std::string{argument.name} + "` |") != std::string::npos);
  }
}
