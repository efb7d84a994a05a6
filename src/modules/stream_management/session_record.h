// SPDX-License-Identifier: Apache-2.0
// What is written down of a session that outlives the server, but for its name and its queue: one XML element, so that
// it can be read by people too.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/session_facts.h"
#include "xmpp/jid.h"

namespace meerkat {

struct SessionRecord {
  // Counters of XEP-0198 §4.
  std::uint32_t handled = 0;
  std::uint32_t sent = 0;
  std::uint32_t acknowledged = 0;
  std::chrono::seconds remaining{};      // until it ends unresumed
  std::chrono::seconds resume_within{};  // how long it waits each time
  std::uint32_t opened_at = 0;           // seconds since 1970, as all times here
  std::uint32_t presence_at = 0;
  std::string presence;  // a stanza; empty while unavailable
  std::int8_t priority = 0;
  bool wants_roster = false;
  std::vector<Jid> directed;  // who got directed presence
  SessionFacts facts;
};

std::string text_of(const SessionRecord& record);
// Nothing when it is not what `text_of` wrote.
std::optional<SessionRecord> read_session_record(std::string text);

}  // namespace meerkat
