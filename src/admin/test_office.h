// SPDX-License-Identifier: Apache-2.0
// Test support: the halls of core/test_hall.h with an office, where commands are run without a socket.
//
//   TestOffice office;
//   CHECK(office.refused("account ban", {{"user", "nobody@localhost"}}) == "user_does_not_exist");
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/commands.h"
#include "admin/live/sampler.h"
#include "admin/live/trace_desk.h"
#include "admin/premises.h"
#include "core/test_hall.h"

namespace meerkat::admin {

class TestOffice {
 public:
  using Given = std::vector<std::pair<std::string, std::string>>;

  TestOffice() {
    for (const auto& hall : server.halls) services.push_back(std::make_unique<C2sService>(*hall, services));
    premises.sampler = &sampler;
    premises.traces = &traces;
  }

  // What the sampler has asked is answered.
  ~TestOffice() { server.turn(); }
  TestOffice(const TestOffice&) = delete;
  TestOffice& operator=(const TestOffice&) = delete;

  // The sampler looks, as from a thread of its own.
  void sample() {
    Worker::leave_thread();
    sampler.take();
  }

  CommandResult run(const std::string& name, const Given& given = {}) {
    RawArguments raw;
    for (const auto& [key, text] : given) raw[key].push_back(text);
    const Command* const command = find_command(commands, name);
    check(command != nullptr, "tests know the commands");
    std::optional<CommandResult> result;
    here().adopt_thread();
    server.halls[Premises::office]->scope.spawn(keep(invoke(*command, premises, std::move(raw), "a test"), result));
    for (int turns = 0; !result && turns < 200; ++turns) server.turn();
    check(result.has_value(), "a command ends");
    return std::move(*result);
  }
  std::string refused(const std::string& name, const Given& given = {}) {
    const CommandResult result = run(name, given);
    const auto* const refusal = std::get_if<Refusal>(&result);
    return refusal != nullptr ? refusal->code : "";
  }
  std::string says(const std::string& name, const Given& given = {}) {
    const CommandResult result = run(name, given);
    const auto* const sentence = std::get_if<Sentence>(&result);
    return sentence != nullptr ? sentence->text : "";
  }
  // All pages; `pages` counts them.
  std::vector<Row> rows(const std::string& name, const Given& given = {}) {
    CommandResult result = run(name, given);
    auto* const table = std::get_if<Table>(&result);
    check(table != nullptr, "it answers with a table");
    pages = 0;
    while (table->more != nullptr && next_page(*table)) ++pages;
    return std::move(table->rows);
  }

  TestServer server;
  std::vector<std::unique_ptr<C2sService>> services;
  TraceDesk traces{false};
  Sampler sampler{server.halls, services, server.metrics};
  Premises premises{server.halls,          services, server.metrics,
                    server.clock.steady(), 1000,     [] { return std::vector<std::string>{"c2s"}; }};
  const std::vector<Command> commands = all_commands();
  std::size_t pages = 0;
  std::size_t largest_page = 0;

 private:
  template <class T>
  static Task<> keep(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await task);
  }

  Worker& here() { return server.halls[Premises::office]->worker; }

  bool next_page(Table& table) {
    std::vector<Row> page;
    std::optional<bool> more;
    here().adopt_thread();
    server.halls[Premises::office]->scope.spawn(keep(table.more->next(page), more));
    for (int turns = 0; !more && turns < 200; ++turns) server.turn();
    check(more.has_value(), "a page comes");
    largest_page = std::max(largest_page, page.size());
    for (Row& row : page) table.rows.push_back(std::move(row));
    return *more;
  }
};

inline std::string text_in(const Row& row, std::size_t column) { return std::get<std::string>(row.at(column)); }
inline std::int64_t number_in(const Row& row, std::size_t column) { return std::get<std::int64_t>(row.at(column)); }

}  // namespace meerkat::admin
