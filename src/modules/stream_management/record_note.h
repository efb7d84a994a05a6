// SPDX-License-Identifier: Apache-2.0
// Which sessions have a record in the store.
#pragma once

#include <memory>
#include <string>

#include "core/session.h"
#include "modules/stream_management/kept_sessions.h"

namespace meerkat {

// With a session that came from the store, until it is resumed, and with one that is being written there.
struct HasRecord final : Note {
  std::string id;
};

// With a session whose place the record has taken: it ends here, and not for its client.
struct LivesOn final : Note {};

// The record goes, if there is one. At the session's home; nobody waits.
void forget_record(Session& session, const std::shared_ptr<KeptSessions>& store);

}  // namespace meerkat
