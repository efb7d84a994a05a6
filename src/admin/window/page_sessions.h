// SPDX-License-Identifier: Apache-2.0
// Who has logged in to the page, and the links that let somebody log in without a password. In memory: who was logged
// in before a restart logs in again.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace meerkat::admin {

// The two halves of a session. The browser keeps `id` in a cookie that scripts cannot read, and the page keeps `token`
// where other sites cannot read it; to ask for anything but the page's own files one needs both. So neither a forged
// request, which brings the cookie, nor a service on another port of this machine, which is sent the cookie too, is
// enough.
struct PageTicket {
  std::string id, token;
};

// Lives on the worker of the office. Keeps digests, so that reading this memory opens nothing.
class PageSessions {
 public:
  static constexpr std::size_t most_sessions = 64, most_links = 16;
  static constexpr std::chrono::seconds link_lifetime{60};

  struct Session {
    std::string who;  // for the audit log
    std::string id_digest, token_digest;
    SteadyTime opened, used;
  };

  PageSessions(const Clock& clock, std::chrono::seconds idle, std::chrono::seconds lifetime)
      : clock_(clock), idle_(idle), lifetime_(lifetime) {}

  // With halves that nobody had before. The one that was idle the longest makes room.
  PageTicket open(std::string who);
  // Null when there is none of this id, or it has run out. Counts as use; valid until the next call.
  const Session* find(std::string_view id);
  static bool fits(const Session& session, std::string_view token);
  void end(std::string_view id);
  std::size_t size() const { return sessions_.size(); }
  // How long it lives at most, from now.
  std::chrono::seconds remaining(const Session& session) const;

  // What the link of `meerkat page` ends with. Good once, for a minute; the oldest makes room.
  std::string make_link();
  // Whether it was good; it is not any more.
  bool use_link(std::string_view link);

 private:
  struct Link {
    std::string digest;
    SteadyTime until;
  };
  void forget_old();

  const Clock& clock_;
  const std::chrono::seconds idle_, lifetime_;
  std::vector<Session> sessions_;
  std::vector<Link> links_;
};

}  // namespace meerkat::admin
