// SPDX-License-Identifier: Apache-2.0
// What other rooms may know of privacy lists and blocked addresses: the rules of an account.
#pragma once

#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include "core/host_type.h"
#include "core/stanza_rules.h"

namespace meerkat {

struct RulesAsked {
  static constexpr std::string_view name = "rules_asked";
  static constexpr std::string_view about =
      "Somebody wants the rules of an account that lives on this worker, as they hold for what no session decides. "
      "Whoever keeps rules sets `rules` and stops.";
  HostType& host;
  const Jid& user;  // bare
  std::shared_ptr<const StanzaRules> rules;
  std::exception_ptr failure;  // they could not be read
};

// Of `user` (bare), on its home worker: at hand while it is online, else one query at most. Null: everybody gets
// through. Throws what the database throws.
inline Task<std::shared_ptr<const StanzaRules>> rules_of_account(HostType& host, Jid user) {
  RulesAsked event{host, user, nullptr, nullptr};
  [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  if (event.failure) std::rethrow_exception(event.failure);
  co_return std::move(event.rules);
}

}  // namespace meerkat
