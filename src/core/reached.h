// SPDX-License-Identifier: Apache-2.0
// Which sessions of its account a message was sent to.
#pragma once

#include <optional>

#include "core/session.h"

namespace meerkat {

// Valid until the sessions of the account change.
class Reached {
 public:
  static Reached nobody() { return {}; }
  static Reached one(const Session& session) {
    Reached reached;
    reached.only_ = &session;
    return reached;
  }
  // All available sessions of that priority whose rules let the stanza in.
  static Reached all_of(int priority) {
    Reached reached;
    reached.priority_ = priority;
    return reached;
  }

  bool anybody() const { return only_ != nullptr || priority_.has_value(); }
  bool includes(const Session& session, const Stanza& stanza) const {
    if (only_ != nullptr) return only_ == &session;
    return priority_ && session.available() && session.priority == *priority_ && session.lets_in(stanza);
  }

 private:
  const Session* only_ = nullptr;
  std::optional<int> priority_;
};

}  // namespace meerkat
