// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/live_words.h"

#include <iostream>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "admin/cli/question.h"
#include "admin/cli/render.h"
#include "admin/cli/terminal.h"
#include "admin/cli/top_screen.h"

namespace meerkat::admin {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 1s;
constexpr auto between_reads = 500ms;

int complain(std::string_view why, int code) {
  std::cerr << "meerkat: " << printable_lines(why) << '\n';
  return code;
}

std::expected<TopFacts, std::string> look(const std::filesystem::path& socket) {
  TopFacts facts;
  const auto ask = [&](WholeAnswer& into, std::string command, RawArguments arguments = {}) {
    auto answer = ask_whole(socket, std::move(command), std::move(arguments));
    if (answer) into = std::move(*answer);
    return answer ? std::string{} : answer.error();
  };
  std::string error = ask(facts.status, "status");
  if (error.empty()) error = ask(facts.figures, "live figures");
  if (error.empty()) error = ask(facts.workers, "live workers");
  if (error.empty()) error = ask(facts.pools, "pool list");
  if (error.empty()) error = ask(facts.slowest, "live slowest");
  if (!error.empty()) return std::unexpected(error);
  return facts;
}

Charset charset() { return shows_unicode() ? Charset::unicode : Charset::ascii; }

void print(const WholeAnswer& trace, const Row& row) {
  const std::string way = trace.text(row, "way");
  const std::string_view sign = way == "in" ? "<" : way == "out" ? ">" : "*";
  const std::string when = trace.text(row, "when");
  const std::string time = when.size() > 23 ? when.substr(11, 12) : when;
  const std::string session = trace.text(row, "session");
  std::cout << printable(time) << ' ' << sign << ' ' << printable(session) << (session.empty() ? "" : " ")
            << printable(trace.text(row, "text")) << '\n';
}

// Prints what is new, and says how the last line was numbered.
std::expected<std::int64_t, std::string> print_new(const std::filesystem::path& socket, const std::string& id,
                                                   std::int64_t since) {
  const auto seen = ask_whole(socket, "trace read", {{"id", {id}}, {"since", {std::to_string(since)}}});
  if (!seen) return std::unexpected(seen.error());
  for (const Row& row : seen->rows) {
    print(*seen, row);
    since = seen->number(row, "number");
  }
  std::cout << std::flush;
  return since;
}

bool is_running(const std::filesystem::path& socket, const std::string& id) {
  const auto all = ask_whole(socket, "trace list");
  if (!all) return false;
  for (const Row& row : all->rows)
    if (std::to_string(all->number(row, "id")) == id) return all->at(row, "running") == Value{true};
  return false;
}

}  // namespace

LiveWords::LiveWords(CLI::App& app)
    : top_(app.add_subcommand("top", "Shows the running server live, second by second; q quits.")),
      trace_(app.get_subcommand("trace")) {
  top_->add_flag("--once", once_, "Print it once, and end.");
  top_->add_flag("--json", json_, "Print it once in JSON, for programs.");
  add_place(*top_, top_place_);
  trace_->require_subcommand(0, 1);
  trace_->add_option("address", address_, "Follow the stanzas of this account or session until Ctrl-C.");
  trace_->add_option("--for", seconds_, "For so many seconds, 1800 at most.")->type_name("NUMBER");
  trace_->add_flag("--content", content_, "Show what is written as well, where the configuration allows it.");
  add_place(*trace_, trace_place_);
}

void LiveWords::add_place(CLI::App& app, Place& place) {
  CLI::Option* const config =
      app.add_option("-c,--config", place.config, "The configuration file of the server")->type_name("FILE");
  app.add_option("--socket", place.socket, "The socket of the server, if you know it better")
      ->type_name("PATH")
      ->excludes(config);
}

std::optional<int> LiveWords::run(const SocketFinder& find_socket) const {
  const bool follows = trace_->parsed() && trace_->get_subcommands().empty();
  if (!top_->parsed() && !follows) return std::nullopt;
  if (follows && address_.empty())
    return complain("say whom to follow: meerkat trace alice@example.org", ExitCode::wrong_usage);
  const Place& place = follows ? trace_place_ : top_place_;
  std::filesystem::path socket = place.socket;
  if (place.socket.empty()) {
    auto found = find_socket(place.config);
    if (!found) return complain(found.error(), ExitCode::not_reachable);
    socket = std::move(*found);
  }
  return follows ? follow(socket) : watch(socket);
}

int LiveWords::watch(const std::filesystem::path& socket) const {
  auto facts = look(socket);
  if (!facts) return complain(facts.error(), ExitCode::not_reachable);
  if (json_) {
    std::cout << top_json(*facts) << '\n';
    return ExitCode::done;
  }
  if (once_ || !is_terminal()) {
    for (const std::string& line : top_screen(*facts, {.rows = 1000, .columns = 120}, charset()))
      std::cout << line << '\n';
    return ExitCode::done;
  }
  const Interruption interruption;
  const Screen screen;
  while (!Interruption::came()) {
    std::vector<std::string> lines;
    if (facts)
      lines = top_screen(*facts, screen_size(), charset());
    else
      lines = {printable(facts.error()), "", "it is asked again each second; q quits"};
    screen.show(lines);
    const auto key = screen.key(between_looks);
    if (key && (*key == 'q' || *key == 'Q' || *key == Screen::interrupted)) break;
    facts = look(socket);
  }
  return ExitCode::done;
}

int LiveWords::follow(const std::filesystem::path& socket) const {
  RawArguments arguments{{"address", {address_}}, {"for", {std::to_string(seconds_)}}};
  if (content_) arguments["content"] = {"true"};
  const auto started = ask_whole(socket, "trace start", std::move(arguments));
  if (!started) return complain(started.error(), ExitCode::refused);
  const Row& row = started->rows.front();
  const std::string id = std::to_string(started->number(row, "id"));
  const Interruption interruption;
  std::cout << "following " << printable(started->text(row, "address")) << " until "
            << printable(started->text(row, "until")) << "; Ctrl-C ends it\n"
            << std::flush;
  std::int64_t last = 0;
  for (bool goes_on = true; goes_on; Interruption::wait(between_reads)) {
    if (Interruption::came()) {
      if (const auto stopped = ask_whole(socket, "trace stop", {{"id", {id}}}); !stopped)
        return complain(stopped.error(), ExitCode::not_reachable);
    }
    goes_on = !Interruption::came() && is_running(socket, id);
    const auto printed = print_new(socket, id, last);
    if (!printed) return complain(printed.error(), ExitCode::not_reachable);
    last = *printed;
  }
  return ExitCode::done;
}

}  // namespace meerkat::admin
