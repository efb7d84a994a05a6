// SPDX-License-Identifier: Apache-2.0
// One message, one entry: a message for an account becomes an entry at the account's home before any fan-out, and
// everything that keeps it (sessions in flight, later the offline store, archive, carbons) refers to that entry.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/slab.h"
#include "xmpp/stanza.h"

namespace meerkat {

// Microseconds since 1970 in the upper 56 bits, the node in the lower 8; strictly increasing per worker. Serves as the
// archive id when the message is archived.
using EntryId = std::uint64_t;

// As clients see it, in archives and stanza ids: digits 0-9A-V of base 32, as MongooseIM writes them.
std::string external_form(EntryId id);

class DeliveryLog;

// Who keeps entries outside of memory as well. Shared by those it keeps; at their home.
class EntryKeeper {
 public:
  virtual ~EntryKeeper() = default;
  // Nobody in memory refers any more to what is kept under that number: it may be removed when it was taken, and waits
  // for the next session otherwise.
  virtual void let_go(const Jid& owner, std::uint64_t kept_as, bool taken) noexcept = 0;
};

// Lives at the home of its account, until nobody refers to it.
struct DeliveryEntry {
  EntryId id;
  Stanza stanza;
  DeliveryLog* log;
  std::shared_ptr<EntryKeeper> keeper;  // null: it is in memory only
  std::uint64_t kept_as = 0;
  std::uint32_t references = 0;
  // False: it is not worth keeping, and ends with the last session that was sent it (RFC 6121 §8.5.2).
  bool must_arrive = true;
  // A session acknowledged it, or its bytes were written and the connection lived on to its next sign of life.
  bool taken = false;
  // A session had been sent it and ended; its sender believes that it arrived.
  bool given_back = false;
};

// A counted reference; for one worker only.
class EntryRef {
 public:
  EntryRef() noexcept = default;
  explicit EntryRef(DeliveryEntry& entry) noexcept : entry_(&entry) { ++entry.references; }
  EntryRef(const EntryRef& other) noexcept : entry_(other.entry_) {
    if (entry_ != nullptr) ++entry_->references;
  }
  EntryRef(EntryRef&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  EntryRef& operator=(EntryRef other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~EntryRef() {
    if (entry_ != nullptr && --entry_->references == 0) free(*entry_);
  }

  DeliveryEntry* operator->() const noexcept { return entry_; }
  DeliveryEntry& operator*() const noexcept { return *entry_; }
  explicit operator bool() const noexcept { return entry_ != nullptr; }
  // The only one who still refers to it.
  bool last() const noexcept { return entry_->references == 1; }

 private:
  static void free(DeliveryEntry& entry) noexcept;

  DeliveryEntry* entry_ = nullptr;
};

// How a session is shown an entry: as it came, or as a copy of what another session of the account got or sent
// (XEP-0280).
enum class Form : std::uint8_t { itself, received_copy, sent_copy };

// The entries of all accounts that live on one worker.
class DeliveryLog {
 public:
  explicit DeliveryLog(const Clock& clock) : clock_(clock) {}

  EntryRef add(Stanza stanza, bool must_arrive = true) {
    return EntryRef{*entries_.make(
        DeliveryEntry{.id = next_id(), .stanza = std::move(stanza), .log = this, .must_arrive = must_arrive})};
  }

  // One that was here before a restart.
  EntryRef add_again(EntryId id, Stanza stanza, bool must_arrive) {
    last_id_ = std::max(last_id_, id);
    return EntryRef{
        *entries_.make(DeliveryEntry{.id = id, .stanza = std::move(stanza), .log = this, .must_arrive = must_arrive})};
  }

 private:
  friend class EntryRef;
  EntryId next_id();

  const Clock& clock_;
  EntryId last_id_ = 0;
  Slab<DeliveryEntry> entries_;
};

inline void EntryRef::free(DeliveryEntry& entry) noexcept {
  if (entry.keeper) entry.keeper->let_go(entry.stanza.to, entry.kept_as, entry.taken);
  entry.log->entries_.free(&entry);
}

// An entry as one session was sent it.
struct SentEntry {
  EntryRef entry;
  Form form = Form::itself;
  // Which of the stanzas it was that are counted (XEP-0198 §4), where they are not kept to be sent again; 0: not
  // counted.
  std::uint32_t number = 0;
};

// What one session was sent and has not taken yet, oldest first.
class InFlight {
 public:
  // What a session may have without a sign of life. Beyond it, what was written counts as taken once the peer's TCP
  // has it all; a peer that has not is cut off when it holds `too_many_bytes`.
  static constexpr std::size_t many = 256;
  static constexpr std::size_t many_bytes = 1024 * 1024;
  static constexpr std::size_t too_many_bytes = 8 * 1024 * 1024;

  void sent(EntryRef entry, Form form, std::uint32_t number = 0) {
    bytes_ += entry->stanza.body->footprint();
    entries_.push_back({std::move(entry), form, number});
  }
  // The client has handled all counted ones up to `h`.
  void handled(std::uint32_t h);
  // The kernel has all bytes that were written up to now.
  void written() { written_ = static_cast<std::uint32_t>(entries_.size()); }
  // The client gave a sign of life: what had been written before has been taken.
  void alive();
  // The session ends: what was not taken, oldest first.
  std::vector<SentEntry> give_back();

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  bool has_many() const { return entries_.size() > many || bytes_ > many_bytes; }
  bool has_too_many() const { return bytes_ > too_many_bytes; }

 private:
  std::vector<SentEntry> entries_;
  std::size_t bytes_ = 0;
  std::uint32_t written_ = 0;
};

}  // namespace meerkat
