// SPDX-License-Identifier: Apache-2.0
// RFC 6121 §2.1.2: a contact as it stands in a roster result, a roster push and a roster set.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "modules/roster/contact_list.h"
#include "xml/element.h"
#include "xmpp/stanza_error.h"

namespace meerkat {

// Bytes, and a number. Clients are refused beyond (RFC 6121 §2.3.3).
inline constexpr std::size_t longest_contact_name = 1023;
inline constexpr std::size_t longest_group_name = 1023;
inline constexpr std::size_t most_groups_of_contact = 64;

// A contact stands in the store under the addresses of its owner and its own, and in a group under the group's name
// too. PostgreSQL takes no more than 2700 bytes of these together, so no database is given more.
bool fits_store(const Jid& user, const Jid& contact, std::string_view group = {});

// What a client wants done with one contact. The rest of an item is the server's affair, and ignored (§2.1.2).
struct RosterWish {
  Jid contact;
  bool remove = false;
  std::string name;
  std::vector<std::string> groups;
};

// The one item of a roster set, or why it cannot be (§2.3.3). `query` is the child of the <iq/>.
std::expected<RosterWish, StanzaError> roster_wish(const xml::Element& query);

// Appends <item/>.
void append_item(std::string& out, const ContactList& list, const ContactList::Entry& entry);
void append_item(std::string& out, const Contact& contact);
// §2.5: what clients hear of a contact that is gone.
void append_removed_item(std::string& out, const Jid& contact);

// XEP-0237 §2: the same for the same items, another one for others; 40 characters. For servers that keep no version.
std::string version_of(const ContactList& list);

}  // namespace meerkat
