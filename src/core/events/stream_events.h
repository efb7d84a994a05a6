// SPDX-License-Identifier: Apache-2.0
// Events of a client's stream before and when it is bound to a resource.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/host_type.h"
#include "core/iq_table.h"

namespace meerkat {

struct StreamFeatures {
  static constexpr std::string_view name = "stream_features";
  static constexpr std::string_view about = "The features of a stream are put together; add yours (RFC 6120 §4.3.2).";
  HostType& host;
  bool authenticated;
  std::string& features;  // XML, appended to
};

struct StrangerAsks {
  static constexpr std::string_view name = "stranger_asks";
  static constexpr std::string_view about = "An iq before authentication. Whoever answers sets `reply` and stops.";
  HostType& host;
  const IqRequest& request;
  const std::string& peer_address;
  std::optional<IqReply> reply;
};

struct ClientSendsNonza {
  static constexpr std::string_view name = "client_sends_nonza";
  static constexpr std::string_view about =
      "An element of an established stream that is no stanza. Whoever knows it stops the chain, at once; else the "
      "stream ends.";
  HostType& host;
  Session& session;
  const xml::Element& element;
};

struct SessionOpens {
  static constexpr std::string_view name = "session_opens";
  static constexpr std::string_view about =
      "A resource was bound; on the home worker of its account. Who waits looks the session up again afterwards.";
  HostType& host;
  Session& session;
};

struct SessionEnds {
  static constexpr std::string_view name = "session_ends";
  static constexpr std::string_view about = "A session is over and its presence is gone; on the home worker.";
  HostType& host;
  Session& session;
};

}  // namespace meerkat
