// SPDX-License-Identifier: Apache-2.0
// XEP-0198 as a session knows it: what its client was sent and has not acknowledged, and the counters of both
// directions. How client and server talk about it: streams/stream_management.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/units.h"
#include "core/delivery_log.h"
#include "runtime/timer.h"

namespace meerkat {

class DetachedSession;
class Session;

// What a host type offers its clients: the options of mod_stream_management.
struct StreamManagementOptions {
  bool buffer = true;                            // false: nothing is kept, and a resumed session is sent nothing again
  config::Limit<std::uint64_t> buffer_max{100};  // stanzas without acknowledgement
  bool ack = true;                               // whether the server asks for acknowledgements
  std::uint32_t ack_freq = 1;                    // after how many stanzas it asks
  std::chrono::seconds resume_timeout{600};      // how long a session waits for its client
};

// What asks a client for an acknowledgement.
inline constexpr std::string_view acknowledgement_request = "<r xmlns='urn:xmpp:sm:3'/>";

// Belongs to one session whose client enabled stream management, at its home.
class StreamManagement {
 public:
  // How long a client may stay beyond `buffer_max` without acknowledging anything.
  static constexpr std::chrono::seconds grace{5};
  // What one session may hold in bytes, whatever its number of stanzas.
  static constexpr std::size_t most_bytes = 8 * 1024 * 1024;

  // `id`: how the client names the session when it resumes it; empty: it will not.
  StreamManagement(Session& session, std::shared_ptr<const StreamManagementOptions> options, std::string id,
                   std::chrono::seconds resume_within);
  ~StreamManagement();
  StreamManagement(const StreamManagement&) = delete;
  StreamManagement& operator=(const StreamManagement&) = delete;

  const std::string& id() const { return id_; }
  bool resumable() const { return !id_.empty(); }
  // How long it outlives its connection.
  std::chrono::seconds resume_within() const { return resume_within_; }

  // What the client has sent, modulo 2^32 (XEP-0198 §4): messages, presence and iqs that were taken from it.
  std::uint32_t handled() const { return handled_; }
  void handles_one() { ++handled_; }

  // Whether what is sent is kept here until it is acknowledged.
  bool keeps() const { return options_->buffer; }
  // One more stanza goes to the client. While it is away, somebody's newer presence takes the place of an older one
  // that waits, so that a day of comings and goings does not fill the queue.
  void sent(EntryRef entry, Form form);
  // What was on its way before the client began to acknowledge, and may not have got there: it counts from now on.
  void put_first(std::vector<SentEntry> older);
  // From now on what is sent waits, and has never been on its way.
  void client_left() { waits_from_ = queue_.size(); }
  // One that is not kept (`buffer` is false).
  void sent_without_keeping() { ++sent_; }
  // Of all that was sent, and of what the client has acknowledged of it, modulo 2^32.
  std::uint32_t sent_count() const { return sent_; }
  std::uint32_t acknowledged_count() const { return acknowledged_; }
  // What has not been acknowledged, oldest first.
  std::span<const SentEntry> unacknowledged() const { return std::span{queue_}.subspan(first_); }
  std::size_t bytes() const { return bytes_; }
  // The client has handled all up to `h`. False, and nothing happens, when it was not sent that many.
  bool acknowledged(std::uint32_t h);
  // It has resumed: the grace begins anew, for it has just been sent what it is to acknowledge.
  void client_is_back();
  // The session ends: what was not acknowledged, oldest first.
  std::vector<SentEntry> give_back();

  // Whether the client is asked for an acknowledgement behind the stanza that was written last.
  bool asks_now() {
    if (++unasked_ < options_->ack_freq || !options_->ack) return false;
    unasked_ = 0;
    return true;
  }
  // The same at the end of what is written in one go, so that nothing waits long.
  bool asks_at_end() {
    if (unasked_ == 0) return false;
    unasked_ = 0;
    return options_->ack;
  }

  // The login that was the last one here (C2sService::logins) when the client enabled it, or resumed it last: who had
  // logged in by then does not take the session from it.
  std::uint64_t taken_after = 0;
  // Stanzas of the client that handlers still look at. Whoever resumes the session waits until there are none, so that
  // order is kept.
  std::uint16_t in_hand = 0;
  // While its client is away.
  std::unique_ptr<DetachedSession> detached;

  // What it was before a restart.
  struct Past {
    std::uint32_t handled = 0;
    std::uint32_t sent = 0;  // all that were ever sent; those not acknowledged come by `remember`
    std::uint32_t acknowledged = 0;
  };
  void restore(const Past& past);
  // One of those that are counted in `Past::sent`.
  void remember(EntryRef entry, Form form);

 private:
  void push(EntryRef entry, Form form);
  void forget_older(const Stanza& presence);
  bool is_over_limit() const;
  void watch_limit();
  void still_over_limit();
  void forget_first(std::size_t count);

  Session& session_;
  const std::shared_ptr<const StreamManagementOptions> options_;
  const std::string id_;
  const std::chrono::seconds resume_within_;
  std::vector<SentEntry> queue_;  // from `first_` on
  std::size_t first_ = 0;
  std::size_t waits_from_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t handled_ = 0;
  std::uint32_t sent_ = 0;
  std::uint32_t acknowledged_ = 0;
  std::uint32_t unasked_ = 0;
  std::uint32_t acknowledged_at_limit_ = 0;
  Timer limit_timer_;
};

}  // namespace meerkat
