// SPDX-License-Identifier: Apache-2.0
#include "server/check/checks.h"

#include <sys/timex.h>
#include <unistd.h>

#include <chrono>
#include <system_error>

#include <fmt/format.h>

#include "config/problem.h"
#include "net/listener.h"

namespace meerkat {
namespace {

constexpr std::uint64_t megabyte = 1u << 20;

void check_room(const std::filesystem::path& directory, Findings& findings) {
  std::error_code failed;
  const auto space = std::filesystem::space(directory, failed);
  if (failed) return;
  const std::string left = fmt::format("{} MB are left for {}", space.available / megabyte, directory.string());
  if (space.available < 100 * megabyte)
    findings.fail("data", left + "; free some, or accounts cannot be kept");
  else if (space.available < 1024 * megabyte)
    findings.warn("data", left + "; free some before it gets tight");
  else
    findings.ok("data", left);
}

}  // namespace

std::optional<Configuration> check_configuration(const std::filesystem::path& file, Findings& findings) {
  config::Problems problems;
  auto configuration = read_configuration(file, problems);
  for (const config::Problem& problem : problems.all()) {
    if (problem.warning)
      findings.warn("configuration", config::line_of(problem));
    else
      findings.fail("configuration", config::line_of(problem));
  }
  if (configuration && problems.all().empty()) findings.ok("configuration", file.string() + " has no mistakes");
  return configuration;
}

void check_ports(const ListenSettings& listen, bool running, Findings& findings) {
  std::vector<ListenAddress> addresses;
  addresses.reserve(listen.c2s.size() + listen.http.size());
  for (const C2sListenSettings& listener : listen.c2s) addresses.push_back(listener.place.address());
  for (const HttpListenSettings& listener : listen.http) addresses.push_back(listener.place.address());
  for (const ListenAddress& address : addresses) {
    const std::string name = fmt::format("{}:{}", address.ip, address.port);
    const auto free = port_is_free(address);
    if (free)
      findings.ok("port", name + " is free");
    else if (running)
      findings.ok("port", name + " is in use, and a Meerkat with this data directory runs");
    else
      findings.fail("port", free.error());
  }
}

void check_store(const std::filesystem::path& directory, const sql::StoreState& store, Findings& findings) {
  std::error_code failed;
  if (!store.exists && store.problem.empty())
    findings.ok("database", "there is none yet; the server makes it at its first start");
  if (!std::filesystem::exists(directory, failed)) {
    const auto parent = std::filesystem::absolute(directory, failed).parent_path();
    if (::access(parent.c_str(), W_OK) == 0)
      findings.ok("data", directory.string() + " is not there yet; the server makes it at its first start");
    else
      findings.fail("data", fmt::format("{} is not there, and cannot be made: let the server's user write to {}, or "
                                        "make the directory for it",
                                        directory.string(), parent.string()));
    return check_room(parent, findings);
  }
  if (::access(directory.c_str(), W_OK) != 0)
    findings.fail("data", fmt::format("{} cannot be written; give it to the server's user: chown -R meerkat: {}",
                                      directory.string(), directory.string()));
  check_room(directory, findings);
  if (!store.problem.empty())
    findings.fail("database", fmt::format("{}: {}; stop the server, keep a copy, and restore the newest backup",
                                          (directory / "meerkat.sqlite").string(), store.problem));
  else if (store.exists)
    findings.ok("database", fmt::format("{} can be read and is whole{}", (directory / "meerkat.sqlite").string(),
                                        store.in_use ? "; a server is using it" : ""));
  for (const auto& [name, version] : store.versions)
    findings.ok("database", fmt::format("the tables of {} have version {}", name, version));
}

void check_clock(WallTime now, Findings& findings) {
  const auto date = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(now)};
  const int year = static_cast<int>(date.year());
  if (year < 2025 || year > 2100)
    findings.fail("clock", fmt::format("the year is {}; set the clock, or certificates are refused", year));
  timex state{};
  const int status = ::adjtimex(&state);
  if (status < 0 || status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
    findings.warn("clock",
                  "nobody keeps the clock right; install chrony or systemd-timesyncd, in a container on its "
                  "host");
  else
    findings.ok("clock", "the kernel says that the clock is kept in step");
}

Findings check_everything(const std::filesystem::path& configuration_file, WallTime now) {
  Findings findings;
  const auto configuration = check_configuration(configuration_file, findings);
  if (configuration) {
    const Settings& settings = configuration->settings;
    const std::filesystem::path directory = settings.internal_databases.embedded.directory;
    const sql::StoreState store = sql::look_at_sqlite(directory);
    check_certificates(settings, now, findings);
    check_ports(settings.listen, store.in_use, findings);
    check_store(directory, store, findings);
  }
  check_limits(findings);
  check_clock(now, findings);
  return findings;
}

}  // namespace meerkat
