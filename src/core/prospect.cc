// SPDX-License-Identifier: Apache-2.0
#include "core/prospect.h"

#include "core/hall.h"

namespace meerkat {
namespace {

using Way = Prospect::Way;

// RFC 6121 §8.5.2: to the account, whichever of its sessions that means.
Prospect to_account(const Stanza& message, const Account* account) {
  bool anybody_there = false;
  for (const Session* session = account ? account->first : nullptr; session; session = session->next_of_account) {
    if (!session->takes_messages()) continue;
    if (session->lets_in(message)) return {Way::sessions};
    anybody_there = true;
  }
  return {anybody_there ? Way::turned_away : Way::nobody};
}

}  // namespace

Prospect prospect_of(const Stanza& message, const Hall& hall) {
  const Account* const account = hall.sessions.find(message.to);
  if (message.to.is_full()) {
    if (const Session* const session = SessionTable::session_of(account, message.to))
      return session->lets_in(message) ? Prospect{Way::sessions, true} : Prospect{Way::turned_away};
    if (message.type == StanzaType::headline || message.type == StanzaType::error) return {Way::dropped};
    if (message.type != StanzaType::chat) return {Way::refused};
  }
  if (message.type == StanzaType::error) return {Way::dropped};
  const Prospect prospect = to_account(message, account);
  if (message.type == StanzaType::groupchat) return {prospect.way == Way::nobody ? Way::nobody : Way::refused};
  if (message.type == StanzaType::headline && prospect.way != Way::sessions) return {Way::dropped};
  return prospect;
}

}  // namespace meerkat
