// SPDX-License-Identifier: Apache-2.0
// A worker of a database pool: sends single statements ahead, writes upserts that wait together as one statement, runs
// all else in transactions, again if need be.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "store/pool/link.h"
#include "store/sql/schema_keeper.h"
#include "store/sql/session.h"

namespace meerkat::sql {

class SessionLink final : public Link {
 public:
  // As often as MongooseIM runs a transaction that others get in the way of.
  static constexpr int most_attempts = 10;

  // `depth` is how many calls the pool hands over at once.
  SessionLink(std::unique_ptr<Session> session, SchemaKeeper& schemas, std::size_t depth)
      : session_(std::move(session)), schemas_(schemas), depth_(depth) {}

  void connect(SteadyTime until) override;
  void close() noexcept override { session_->close(); }
  void serve(Call& call, CallSupply& more) override;
  void keep_alive(SteadyTime until) override;
  int descriptor() const override { return session_->descriptor(); }
  void hears() override { session_->hears(); }

 private:
  Work* send_ahead(Work* next, CallSupply& more);
  void send(SingleWork& work, CallSupply& more);
  void receive_some(CallSupply& more);
  void run_upserts(CallSupply& more);
  bool run_together(std::span<SingleWork* const> works);
  void run_whole(Work& work, CallSupply& more);
  std::exception_ptr attempt(Work& work);

  std::unique_ptr<Session> session_;
  SchemaKeeper& schemas_;
  const std::size_t depth_;
  std::vector<SingleWork*> sent_;  // from `first_` on without an answer yet
  std::size_t first_ = 0;
  std::vector<SingleWork*> upserts_;  // taken, and not sent yet
  std::vector<Work*> again_;          // somebody was in their way
};

}  // namespace meerkat::sql
