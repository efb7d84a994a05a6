// SPDX-License-Identifier: Apache-2.0
// The commands that users are in the middle of (XEP-0050 §3.3): so many of each user, so many in all, so long.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/adhoc_commands.h"
#include "runtime/timer.h"

namespace meerkat {

// One command of one user between two stages.
struct Execution {
  Jid user;  // full
  Jid at;    // whose command it is
  std::string node;
  std::uint64_t offer;  // which offer of that node was begun
  CommandChoices choices;
  std::unique_ptr<CommandState> state;
};

// Belongs to mod_adhoc of one host type on one worker.
class Executions {
 public:
  static constexpr std::size_t most_of_a_user = 10, most = 1000;
  static constexpr std::chrono::minutes idle_for{10};

  explicit Executions(TimerWheel& timers) : timers_(timers) {}

  bool has_room_for(const Jid& user) const;
  void put(std::string id, Execution execution);
  // Null when there is none of that name, or when it is somebody else's.
  std::unique_ptr<Execution> take(const std::string& id, const Jid& user);
  void forget(const Jid& user);

 private:
  struct Waiting {
    Executions& all;
    std::string id;
    std::unique_ptr<Execution> execution;
    Timer timer;
  };

  TimerWheel& timers_;
  std::unordered_map<std::string, std::unique_ptr<Waiting>> by_id_;
};

}  // namespace meerkat
