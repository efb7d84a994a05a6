// SPDX-License-Identifier: Apache-2.0
#include "server/log_section.h"

#include <vector>

#include "config/problem.h"
#include "server/all_modules.h"

namespace meerkat {
namespace {

using namespace config;

std::vector<std::string> log_places() {
  std::vector<std::string> places{log_floors.begin() + 1, log_floors.end()};
  for (const ModuleEntry& module : all_modules()) places.emplace_back(module.name);
  return places;
}

void check_places(const LogSettings& log, Checker& checker) {
  const std::vector<std::string> places = log_places();
  const std::vector<std::string_view> words{places.begin(), places.end()};
  for (const auto& [place, level] : log.levels)
    if (std::ranges::find(places, place) == places.end())
      checker.refuse("levels",
                     "\"" + place + "\" is neither a floor of the server nor a module" + did_you_mean(place, words));
}

}  // namespace

Section<LogSettings> log_section() {
  using S = LogSettings;
  return Section<S>{"log", "How the log looks, where it goes, and how much of it there is. One line is one event."}
      .option("format", &S::format, "key=value pairs for people, or a JSON object per line for programs.")
      .option("output", &S::output,
              "`stderr`, which systemd keeps in its journal, or a file that the server rotates itself.", non_empty,
              example("\"/var/log/meerkat/meerkat.log\""))
      .option("rotate_size", &S::rotate_size, "A log file of this size becomes FILE.1, and a new one is begun.",
              at_least(Bytes{64u << 10}))
      .option("rotate_files", &S::rotate_files, "How many old log files are kept.")
      .option("levels", &S::levels,
              "Other levels than `general.loglevel`, for a floor of the server or for a module. `debug` on `streams` "
              "is a lot.",
              example("{ streams = \"info\", mod_register = \"debug\" }"))
      .check([](const S& log, Checker& checker) {
        if (log.rotate_files > 1000) checker.refuse("rotate_files", "more than 1000 files help nobody");
        check_places(log, checker);
      });
}

LogOutput log_output(const LogSettings& settings) {
  return {.format = settings.format,
          .file = settings.output == "stderr" ? "" : settings.output,
          .rotate_size = settings.rotate_size.count,
          .rotate_files = settings.rotate_files};
}

LogLevels log_levels(const LogSettings& settings, LogLevel general) {
  return {.general = general, .of = {settings.levels.begin(), settings.levels.end()}};
}

}  // namespace meerkat
