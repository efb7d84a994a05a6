// SPDX-License-Identifier: Apache-2.0
// What the other sessions of an account hear when a list changes: the name of a privacy list (XEP-0016 §2.2, 10), and
// what became blocked or unblocked (XEP-0191 §3.3, §3.4).
#pragma once

#include <string_view>
#include <vector>

#include "core/host_type.h"
#include "core/session.h"
#include "modules/privacy/rule_list.h"

namespace meerkat {

// The session has asked for the block list.
struct WantsBlockList final : Note {};
// It has asked about privacy lists.
struct KnowsPrivacyLists final : Note {};

enum class Whom : std::uint8_t { all, who_knows_lists };

// To how many sessions.
std::size_t push_list_name(HostType& host, const Jid& user, std::string_view name, Whom whom);

// The addresses of a block list.
std::vector<Jid> blocked_addresses(const RuleList& list);

// To the sessions that asked for the block list; `what` is "block" or "unblock". No addresses: all were unblocked.
void push_blocking(HostType& host, const Jid& user, std::string_view what, const std::vector<Jid>& addresses);

// What differs between two lists; null: none.
void push_blocking_changes(HostType& host, const Jid& user, const RuleList* before, const RuleList* after);

}  // namespace meerkat
