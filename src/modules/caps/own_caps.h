// SPDX-License-Identifier: Apache-2.0
// The server's own capabilities: what it says of itself by disco#info, as hashes in the features of its streams
// (XEP-0115 §6.3, XEP-0390 §5.3).
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/host_type.h"

namespace meerkat {

// What stands before the '#' of the server's node (XEP-0115 §4).
inline constexpr std::string_view caps_node = "urn:meerkat:server";

struct OwnCaps {
  std::string answer;  // the children of the disco#info <query/>
  // Empty when something that an operator wrote has no hash.
  std::string v1_ver;                  // sha-1
  std::string v2_hash, v2_other_hash;  // sha-256, sha3-256

  bool is_named_by(std::string_view node) const;
  // For the features of a stream.
  std::string as_feature(bool v1, bool v2) const;
};

// XEP-0390 §6.1: who was told a hash a moment ago may still ask for it when modules have come or gone. Any thread.
class FormerCaps {
 public:
  void add(std::shared_ptr<const OwnCaps> caps);
  std::shared_ptr<const OwnCaps> find(std::string_view node) const;

 private:
  static constexpr std::size_t most = 4;  // three former ones, and the present one

  mutable std::mutex lock_;
  std::deque<std::shared_ptr<const OwnCaps>> last_;
};

// What the server says now.
std::shared_ptr<const OwnCaps> own_caps(const HostType& host);

}  // namespace meerkat
