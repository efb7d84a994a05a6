// SPDX-License-Identifier: Apache-2.0
// When the accounts that live on one worker were last here. Who tells it something never waits: neither for the
// database nor for room in its queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/backend.h"
#include "core/backend_metrics.h"
#include "core/host_type.h"
#include "modules/last/last_store.h"
#include "modules/last/online_marks.h"

namespace meerkat {

// By the names of the metrics reference. Of a change it is measured how long it takes until it is queued.
struct LastCalls {
  explicit LastCalls(const BackendMetrics& metrics)
      : get_last(metrics, "get_last"),
        set_last_info(metrics, "set_last_info"),
        session_cleanup(metrics, "session_cleanup") {}
  BackendCall get_last, set_last_info, session_cleanup;
};

// Lives with its host type, from the first start of the module. Users are bare addresses.
class LastBook {
 public:
  LastBook(HostType& host, Backend backend);
  LastBook(const LastBook&) = delete;
  LastBook& operator=(const LastBook&) = delete;

  // The one of this host type. Who asks first says where it is kept.
  static LastBook& of(HostType& host, Backend backend);
  // Null while no module keeps last activity.
  static LastBook* find(const HostType& host);

  // What was told last, wherever it is by now. Throws what the database throws.
  Task<std::optional<LastActivity>> get(Jid user);
  // It is in the table soon, or when the database is there again. What was told before of this user is overtaken.
  void set(const Jid& user, LastActivity last) { note(user, std::move(last)); }
  void remove(const Jid& user) { note(user, std::nullopt); }
  // All that was told stands in the queue of the database, or is written.
  bool has_settled() const { return !handing_over_; }
  // Ends when that is so.
  Task<> settle();

  // A session that was lost with the server; answers when it is queued. Throws what the database throws.
  Task<> clean_up(const Jid& user, std::int64_t seconds) {
    return calls_.session_cleanup(store_->session_cleanup(user, seconds));
  }

  LastStore& store() { return *store_; }
  OnlineMarks& marks() { return marks_; }

  // How many accounts wait for room in the queue of a database that is away; one more is lost, and told to the log.
  static constexpr std::size_t most_waiting = 20'000;

 private:
  // On its way into the queue; nothing: to be removed.
  struct Told {
    std::optional<LastActivity> last;
    std::uint64_t number = 0;
  };

  void note(const Jid& user, std::optional<LastActivity> last);
  Task<> hand_over();
  Task<bool> hand_over(const Jid& user, std::optional<LastActivity> last);

  HostType& host_;
  const std::unique_ptr<LastStore> store_;
  const LastCalls calls_;
  std::unordered_map<Jid, Told, JidHash, JidEqual> told_;  // empty nearly always
  std::uint64_t number_ = 0;
  std::uint64_t lost_ = 0;
  bool handing_over_ = false;
  OnlineMarks marks_;
};

}  // namespace meerkat
