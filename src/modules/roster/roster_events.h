// SPDX-License-Identifier: Apache-2.0
// What other rooms may know of rosters (RFC 6121 §2, §3): the contacts of an account, and that one has changed.
#pragma once

#include <memory>
#include <string_view>

#include "core/host_type.h"
#include "modules/roster/contact_list.h"

namespace meerkat {

struct ContactsAsked {
  static constexpr std::string_view name = "contacts_asked";
  static constexpr std::string_view about =
      "Somebody wants the contacts of an account that lives on this worker. Whoever keeps rosters sets `contacts` and "
      "stops.";
  HostType& host;
  const Jid& user;  // bare
  // Immutable; keep it no longer than it is of use, since the cache forgets rosters that nobody asks for.
  std::shared_ptr<const ContactList> contacts;
};

// What the room `roster` knows of the contacts of `user` (bare), on the user's home worker: at hand when it is cached,
// else one query. Null when nobody keeps rosters (ContactsAsked has no handler), or they cannot be read just now.
inline Task<std::shared_ptr<const ContactList>> contacts_of(HostType& host, Jid user) {
  ContactsAsked event{host, user, nullptr};
  [[maybe_unused]] const Verdict verdict = co_await host.run(event);
  co_return std::move(event.contacts);
}

// RFC 6121 §3.2.2: a subscription that the account ends with `unsubscribed`, or by removing the contact, ends with
// unavailable presence first: this is fired, and its handlers are waited for, before that stanza leaves. One that
// begins (§3.1.5) is fired behind `subscribed`.
struct ContactChanged {
  static constexpr std::string_view name = "contact_changed";
  static constexpr std::string_view about =
      "A contact of an account was added, changed or removed, and it is in the store. On the home worker of the "
      "account.";
  HostType& host;
  const Jid& user;        // bare
  const Contact* before;  // null: it is new
  const Contact* after;   // null: it was removed

  const Jid& contact() const { return after != nullptr ? after->jid : before->jid; }
};

}  // namespace meerkat
