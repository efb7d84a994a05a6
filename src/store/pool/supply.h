// SPDX-License-Identifier: Apache-2.0
// The calls of one worker of a pool, for whoever serves its link: for the pool's own files.
#pragma once

#include "store/pool/pool_member.h"

namespace meerkat {

// Used by one thread at a time: the member's own while it serves, or the worker where the link lodges.
class OutgoingPool::Supply final : public CallSupply {
 public:
  Supply(OutgoingPool& pool, Member& member) : pool_(pool), member_(member) {}

  // From here on the call is the link's.
  void begins(Call& call);
  Call* take() override;
  int wake_up() override;
  void finish(Call& call, std::exception_ptr failure) noexcept override;
  SteadyTime deadline(const Call& call) const override { return call.until_; }
  void count_traffic(std::size_t sent, std::size_t received) noexcept override {
    pool_.events_.count(PoolEvent::bytes_sent, sent);
    pool_.events_.count(PoolEvent::bytes_received, received);
  }

  // All that it may have under way, with the lock taken once; then `take` gives them without. They came later than
  // those that the link waits for, so they have more time left.
  void fetch();
  Call* take_fetched();
  // No more fits: what comes now stays in the queue.
  bool is_full() const { return load() >= pool_.settings_.depth; }
  // The call that was taken first and is not finished; null for none.
  const Call* oldest() const { return taken_.first(); }

  // With the lock. What the link has not even taken waits again; those that were taken and not finished are nobody's
  // from here on.
  CallQueue leave();

 private:
  void stop_listening();
  bool may_have_more() const;
  std::size_t load() const { return taken_.size() + ready_.size(); }
  void tell_load() { member_.under_way.store(load(), std::memory_order_relaxed); }

  OutgoingPool& pool_;
  Member& member_;
  CallQueue taken_;  // by the link, in this order
  CallQueue ready_;  // for it
  bool is_listening_ = false;
};

}  // namespace meerkat
