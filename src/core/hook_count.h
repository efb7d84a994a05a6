// SPDX-License-Identifier: Apache-2.0
// What MongooseIM has a hook for, and counts as "hook_…_count", is counted here under the same name when it happens.
#pragma once

#include <string_view>

#include "base/metrics/counted.h"

namespace meerkat {

class HookCount {
 public:
  // `hook` without "hook_" ("unset_presence"); both texts are literals.
  HookCount(metrics::Registry& registry, std::string_view hook, std::string_view sentence, std::string_view host_type);

  void add() const noexcept { counted_.add(); }

 private:
  const metrics::Counted counted_;
};

class HostType;

// Those of the house; modules count theirs. Of one host type on one worker.
class HookCounts {
 public:
  explicit HookCounts(const HostType& host);

 private:
  HookCounts(metrics::Registry& registry, std::string_view host_type);

 public:
  const HookCount c2s_stream_features;
  const HookCount user_open_session;
  const HookCount forbidden_session;
  const HookCount user_send_xmlel;
  const HookCount user_socket_closed;
  const HookCount user_socket_error;
  const HookCount user_stop_request;
  const HookCount user_terminate;
  const HookCount unacknowledged_message;
  const HookCount filter_unacknowledged_messages;
  const HookCount reroute_unacked_messages;
  const HookCount set_presence;
  const HookCount unset_presence;
  const HookCount user_available;
  const HookCount presence_probe;
  const HookCount roster_in_subscription;
  const HookCount filter_local_packet;
  const HookCount resend_offline_messages;
  const HookCount offline_message;
  const HookCount offline_groupchat_message;
};

}  // namespace meerkat
