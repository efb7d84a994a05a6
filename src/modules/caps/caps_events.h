// SPDX-License-Identifier: Apache-2.0
// What other rooms may know of the clients of sessions: the features that a client has announced by a hash (XEP-0115,
// XEP-0390) and told when it was asked.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/session.h"

namespace meerkat {

// Immutable, and shared by all sessions whose clients announce the same; any thread.
class ClientFeatures {
 public:
  // `key` names the hash they were found by.
  ClientFeatures(std::string key, std::vector<std::string> features)
      : key_(std::move(key)), features_(std::move(features)) {
    std::ranges::sort(features_);
  }

  // "urn:xmpp:avatar:metadata+notify" asks for events of that node (XEP-0060 §9.2).
  bool has(std::string_view feature) const { return std::ranges::binary_search(features_, feature, std::less<>{}); }
  const std::vector<std::string>& all() const { return features_; }
  const std::string& key() const { return key_; }

 private:
  std::string key_;
  std::vector<std::string> features_;
};

// At the home of the session.
struct ClientNote final : Note {
  std::shared_ptr<const ClientFeatures> features;  // null while nothing is known
};

// What the client of a session can do; null while it has not said so, or was not asked yet. At the session's home.
inline std::shared_ptr<const ClientFeatures> features_of(const Session& session) {
  const ClientNote* const note = session.notes.find<ClientNote>();
  return note != nullptr ? note->features : nullptr;
}

struct ClientFeaturesKnown {
  static constexpr std::string_view name = "client_features_known";
  static constexpr std::string_view about =
      "What the client of a session can do is known now, or has changed. With a well-known client that is before its "
      "first presence has been routed: then the session is not available yet.";
  HostType& host;
  Session& session;
};

}  // namespace meerkat
