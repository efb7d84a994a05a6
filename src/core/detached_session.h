// SPDX-License-Identifier: Apache-2.0
// XEP-0198 §5: a session whose connection is gone, and whose client may come back.
#pragma once

#include <chrono>
#include <string>

#include "core/session.h"
#include "runtime/timer.h"

namespace meerkat {

// Stands in for the stream. Others see the session as before, nothing is written, and what is sent to it waits with its
// StreamManagement, which owns this. It ends the session when nobody resumes it in time.
class DetachedSession final : public SessionStream {
 public:
  // From now on the session is detached. Not more than once; `within`: how long it waits.
  static void detach(Session& session, std::chrono::seconds within);
  // A session of the server that was stopped waits for its client again.
  struct Past {
    std::string id;  // empty: nobody can resume it
    std::chrono::seconds resume_within;
    std::chrono::seconds remaining;
  };
  static Session& restore(const Jid& full, HostType& host, Past past);
  ~DetachedSession() = default;

  // Until the session ends; never negative.
  std::chrono::seconds remaining() const;

 private:
  DetachedSession() = default;

  std::string& out() override;
  std::size_t waiting() const override { return 0; }
  bool peer_has_all() const override { return false; }
  bool takes_more() override { return false; }
  void give_up() override;
  void end_with(const StreamError& error) override;
  void hold() override {}
  void release() override {}
  void wait_for_answer() override {}
  void go_on() override {}
  void hand_over() override;

  void wait_for_client(Session& session, std::chrono::seconds within);
  void time_is_up();
  void end();

  Session* session_ = nullptr;
  SteadyTime until_{};
  Timer timer_;
};

}  // namespace meerkat
