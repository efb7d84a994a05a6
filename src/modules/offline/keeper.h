// SPDX-License-Identifier: Apache-2.0
// All messages of one host type that wait for sessions of accounts at home on this worker.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/trouble.h"
#include "core/backend.h"
#include "core/delivery_log.h"
#include "core/host_type.h"
#include "core/notes.h"
#include "modules/offline/box.h"
#include "modules/offline/offline_store.h"
#include "runtime/timer.h"

namespace meerkat {

// One per host type and worker, from the first start of the module to the end of the hall: what is in flight must be
// known to a module that was started anew. Entries share it.
class OfflineKeeper final : public EntryKeeper, public std::enable_shared_from_this<OfflineKeeper> {
 public:
  // That of the host type; made when there is none.
  static OfflineKeeper& of(HostType& host, Backend backend);
  OfflineKeeper(HostType& host, Backend backend);

  // The access rule that says how many messages an account may have; changes when the module is started anew.
  void limit_by(std::string rule) { rule_ = std::move(rule); }

  // A message that found nobody.
  void keep(EntryRef entry);
  void has_reader(const Session& session);
  // The same of one whose client is away: what comes waits behind what was kept, if there is anything.
  Task<> has_waiting_reader(Jid who);
  // One of the account's has ended.
  void reader_left(const Jid& user);
  Task<> account_removed(Jid user);
  void let_go(const Jid& owner, std::uint64_t number, bool taken) noexcept override;
  // The host type ends: nothing is asked of anybody any more.
  void close() noexcept;

  // For the boxes.
  HostType& host() { return host_; }
  OfflineStore& store() { return *store_; }
  OfflineTime now() const;
  std::optional<std::uint64_t> limit_of(const Jid& user) const;
  void remove(OfflineName message);
  void failed(const std::exception& failure);
  void worked();
  bool has_space_for(std::size_t bytes) const;
  void line_grew(std::size_t bytes) { line_bytes_ += bytes; }
  void line_shrank(std::size_t bytes) { line_bytes_ -= bytes; }

 private:
  OfflineBox& box_of(const Jid& user);
  OfflineBox* find(const Jid& user);
  void forget_those_who_rest();
  void start_removing();
  Task<> remove_going(std::shared_ptr<OfflineKeeper> alive);

  HostType& host_;
  const std::unique_ptr<OfflineStore> store_;
  std::string rule_;
  std::unordered_map<Jid, std::unique_ptr<OfflineBox>> boxes_;
  std::size_t forget_at_;
  std::size_t line_bytes_ = 0;  // of all boxes
  std::vector<OfflineName> going_;
  bool removing_ = false;
  bool closed_ = false;
  Timer remove_again_;
  Trouble trouble_;
};

}  // namespace meerkat
