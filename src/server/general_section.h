// SPDX-License-Identifier: Apache-2.0
// [general]: what concerns the whole server, with MongooseIM's keys.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "server/log_section.h"

namespace meerkat {

enum class SessionBackend : std::uint8_t { memory, redis };

struct GeneralSettings {
  LogLevel loglevel = LogLevel::warning;
  std::vector<std::string> hosts, host_types;
  std::string default_server_domain;
  std::string language = "en";
  std::uint32_t worker_threads = 0;  // 0: one per core
  config::Limit<std::chrono::seconds> registration_timeout = std::chrono::seconds{600};
  bool core_dumps = false;
  SessionBackend sm_backend = SessionBackend::memory;
  std::string http_server_name = "Meerkat";
};

config::Section<GeneralSettings> general_section();

// Whether nodeprep and IDNA take it for a domain (RFC 7622 §3.2).
bool is_domain(std::string_view text);
// As addresses are compared: "Example.ORG" becomes "example.org". `text` is a domain.
std::string prepared_domain(std::string_view text);

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::SessionBackend> {
  using enum meerkat::SessionBackend;
  static constexpr EnumName names[] = {{memory, "mnesia"}, {memory, "cets"}, {redis, "redis"}};
};
