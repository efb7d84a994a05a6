// SPDX-License-Identifier: Apache-2.0
// What an operator is told of the configuration that runs: the file, the defaults behind it, and what commands have
// changed since.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/log.h"
#include "config/in_force.h"
#include "server/server.h"

namespace meerkat {
namespace {

using admin::OptionShown;

// An option has changed when a table around it has: "modules.mod_ping" came with all that is in it.
std::optional<WallTime> changed_at(const std::map<std::string, WallTime>& changes, const std::string& path) {
  for (const auto& [changed, when] : changes)
    if (path == changed || (path.starts_with(changed) && (path[changed.size()] == '.' || path[changed.size()] == '[')))
      return when;
  return std::nullopt;
}

// "host_config[3].auth.…": whose it is.
std::string host_type_of(const std::string& path, const std::vector<HostConfigSettings>& hosts) {
  constexpr std::string_view prefix = "host_config[";
  if (!path.starts_with(prefix)) return {};
  std::size_t index = 0;
  std::from_chars(path.data() + prefix.size(), path.data() + path.size(), index);
  return index < hosts.size() ? hosts[index].host : std::string{};
}

// What `meerkat log level` has set, where it is not what the file says.
void add_log_levels(std::vector<OptionShown>& options, const LogLevels& file, const LogLevels& now) {
  const auto put = [&](std::string path, LogLevel level) {
    const std::string value = fmt::format("\"{}\"", name_of(level));
    const std::string from = "meerkat log level";
    const auto found = std::ranges::find(options, path, &OptionShown::path);
    if (found == options.end())
      options.push_back({.path = std::move(path), .value = value, .from = from, .changed = {}, .host_type = {}});
    else
      found->value = value, found->from = from;
  };
  if (now.general != file.general) put("general.loglevel", now.general);
  for (const auto& [place, level] : now.of) {
    const auto written = file.of.find(place);
    if (written == file.of.end() || written->second != level) put("log.levels." + place, level);
  }
}

}  // namespace

std::vector<OptionShown> Server::options_in_force() {
  const std::lock_guard lock{change_mutex_};
  const std::string file = configuration_.file.filename().string();
  std::vector<OptionShown> shown;
  for (const config::OptionInForce& option : config::options_in_force(configuration_.tree, configuration_description()))
    shown.push_back({.path = option.path,
                     .value = option.value,
                     .from = option.is_default() ? "default" : fmt::format("{}:{}", file, option.place.line),
                     .changed = changed_at(changed_, option.path),
                     .host_type = host_type_of(option.path, settings_.host_config)});
  add_log_levels(shown, log_levels(settings_.log, settings_.general.loglevel), log_levels());
  return shown;
}

}  // namespace meerkat
