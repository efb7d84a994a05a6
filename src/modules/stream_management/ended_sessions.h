// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §5: a client that comes too late to resume learns how much the server had taken from it, so that it sends
// nothing twice. The option `stale_h`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/trouble.h"
#include "core/host_type.h"
#include "core/session.h"
#include "modules/stream_management/kept_sessions.h"
#include "runtime/timer.h"

namespace meerkat {

struct StaleCountOptions {
  bool enabled = false;
  std::chrono::seconds repeat_after{1800};
  std::chrono::seconds geriatric{3600};
};

// Of one host type, on one worker; tasks that are under way share it.
class EndedSessions final : public std::enable_shared_from_this<EndedSessions> {
 public:
  // Of one host type, in the store; the oldest go first.
  static constexpr std::uint64_t most = 200'000;

  EndedSessions(HostType& host, std::shared_ptr<KeptSessions> store, StaleCountOptions options)
      : host_(host), store_(std::move(store)), options_(options) {}

  // What is too old is removed now and then, by one worker for all. Once it is owned.
  void start();
  // Its client may have come back to find it gone.
  void ended(const Session& session);
  // What a session of that account had taken.
  Task<std::optional<std::uint32_t>> handled_by(std::string id, Jid user);
  void account_removed(const Jid& user);

 private:
  static Task<> remember(std::shared_ptr<EndedSessions> self, EndedSession session);
  static Task<> collect(std::shared_ptr<EndedSessions> self);
  void failed(const std::exception& failure);
  void worked();
  std::uint32_t now() const;

  HostType& host_;
  const std::shared_ptr<KeptSessions> store_;
  const StaleCountOptions options_;
  std::unordered_map<std::string, EndedSession> unwritten_;  // by id
  std::uint64_t since_collected_ = 0;
  Timer timer_;
  Trouble trouble_;
};

}  // namespace meerkat
