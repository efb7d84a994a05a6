// SPDX-License-Identifier: Apache-2.0
// The messages of one account that wait for a session, in the store and in memory, and their order.
#pragma once

#include <deque>
#include <memory>
#include <unordered_set>

#include "core/backlog.h"
#include "core/host_type.h"
#include "modules/offline/offline_store.h"
#include "runtime/timer.h"

namespace meerkat {

class OfflineKeeper;
class Session;

// At the home of its account, while something of the account is under way; the keeper owns it.
//
// What came first leaves first: rows of the store, then the line. One task at a time works on that, `work`: without a
// reader it writes the line into the store, with one it sends the rows and then lets the line go on.
class OfflineBox final : public Backlog {
 public:
  OfflineBox(OfflineKeeper& keeper, Jid user) : keeper_(keeper), user_(std::move(user)) {}

  // Found nobody, or came while something waits.
  void stands_in_line(EntryRef entry) override;
  // A session of the account takes messages from now on.
  void has_reader(const Session& session);
  // One has ended.
  void reader_left();
  // Nobody in memory refers to that row any more.
  void let_go(std::uint64_t number, bool taken);
  // Its removal was handed to the database; it succeeded; it failed and will be tried again.
  void is_going() { --going_; }
  void has_gone(std::uint64_t number);
  void goes_later() { ++going_; }
  // The account is gone, and somebody else may get its name.
  void account_removed();

  bool rests() const { return !works_ && !waits_for_client_ && line_.empty() && out_.empty() && !again_.is_set(); }
  std::size_t in_line() const { return line_.size(); }

 private:
  void start();
  Task<> work(std::shared_ptr<OfflineKeeper> alive);
  Session* reader();
  void be_backlog_of(bool there);

  Task<> keep_some();
  Task<bool> account_exists();
  void send_those_to_bound_devices();
  std::vector<NewOfflineMessage> next_to_keep() const;
  std::optional<OfflineRoom> room() const;
  bool is_known_to_be_full() const;
  void were_kept(std::size_t tried, std::size_t kept);
  EntryRef next_in_line();
  bool line_is_long() const;
  void let_line_go_on();
  void refuse_line(const StanzaError& error);

  Task<> send_some();
  void send(const std::vector<OfflineMessage>& messages);
  void send_one(Session& reader, const OfflineMessage& message);
  void adapt_batch(const std::vector<OfflineMessage>& messages);
  void discard(std::uint64_t number);
  bool has_nothing_to_send() const { return there_ && *there_ == in_flight_ && !left_some_; }

  void failed(const std::exception& failure);
  void worked();

  OfflineKeeper& keeper_;
  const Jid user_;
  Jid reader_;                 // who was there first
  std::deque<EntryRef> line_;  // behind the rows of the store
  std::size_t line_bytes_ = 0;

  // How many rows wait or are in flight; unknown until they were counted or all were read.
  std::optional<std::uint64_t> there_;
  std::unordered_set<std::uint64_t> out_;  // rows in flight, and those that were taken until they have gone
  std::size_t in_flight_ = 0;
  std::uint64_t going_ = 0;  // taken, and their removal was not asked for yet
  std::uint64_t taken_so_far_ = 0;
  std::vector<std::uint64_t> gone_while_reading_;
  std::uint64_t cursor_ = 0;            // rows up to it were looked at
  std::optional<std::uint64_t> freed_;  // the first row that came back untaken
  std::size_t batch_ = 10;              // rows to be read next
  std::uint32_t removals_ = 0;          // of the account
  SteadyTime full_until_{};
  Timer again_;
  std::chrono::seconds pause_{0};

  bool works_ = false;
  bool waits_for_client_ = false;  // the reader is away, and this is the backlog until it is back or has ended
  bool exists_ = false;
  bool reading_ = false;
  bool may_have_rows_ = false;  // behind the cursor
  bool left_some_ = false;      // rows that the reader does not let in, or that cannot be read
  bool database_is_away_ = false;
};

}  // namespace meerkat
