// SPDX-License-Identifier: Apache-2.0
#include "core/hook_count.h"

#include <string>

#include "core/hall.h"

namespace meerkat {

HookCount::HookCount(metrics::Registry& registry, std::string_view hook, std::string_view sentence,
                     std::string_view host_type)
    : counted_(registry, metrics::counted("hook_" + std::string{hook}, sentence), {host_type}) {}

HookCounts::HookCounts(const HostType& host) : HookCounts(host.hall.metrics, host.name) {}

HookCounts::HookCounts(metrics::Registry& registry, std::string_view host)
    : c2s_stream_features(registry, "c2s_stream_features", "A client is told the features of its stream.", host),
      user_open_session(registry, "user_open_session", "A client asks for a resource.", host),
      forbidden_session(registry, "forbidden_session", "A client asked for a resource and may not have one.", host),
      user_send_xmlel(registry, "user_send_xmlel", "A session's client sent an element that is no stanza.", host),
      user_socket_closed(registry, "user_socket_closed", "A client closed its connection, or reset it.", host),
      user_socket_error(registry, "user_socket_error", "A connection failed: TLS broke, or the network.", host),
      user_stop_request(registry, "user_stop_request", "The server ends a connection that is in use.", host),
      user_terminate(registry, "user_terminate", "A session has ended.", host),
      unacknowledged_message(registry, "unacknowledged_message",
                             "A message waits for a client that is away, or was not acknowledged when it left.", host),
      filter_unacknowledged_messages(registry, "filter_unacknowledged_messages",
                                     "What a client did not acknowledge goes to others.", host),
      reroute_unacked_messages(registry, "reroute_unacked_messages",
                               "A session has ended for which stream management is offered.", host),
      set_presence(registry, "set_presence", "A session said that it is available, or how.", host),
      unset_presence(registry, "unset_presence", "A session that was available no longer is, or has ended.", host),
      user_available(registry, "user_available", "A session said for the first time that it is available.", host),
      presence_probe(registry, "presence_probe", "Somebody asks for the presence of an account.", host),
      roster_in_subscription(registry, "roster_in_subscription",
                             "A request or an answer about a subscription arrived at an account.", host),
      filter_local_packet(registry, "filter_local_packet", "A stanza arrived for an account here.", host),
      resend_offline_messages(registry, "resend_offline_messages",
                              "A session takes messages from now on; what was kept may go to it.", host),
      offline_message(registry, "offline_message", "A message found no session that takes it.", host),
      offline_groupchat_message(registry, "offline_groupchat_message",
                                "A message of a group chat found no session that takes it.", host) {}

}  // namespace meerkat
