// SPDX-License-Identifier: Apache-2.0
// The contacts of an account in memory: one immutable list, shared by all who look at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/jid.h"

namespace meerkat {

// RFC 6121 §2.1.2.5, from the side of the account: `to` means that it sees the contact's presence.
enum class Subscription : std::uint8_t { none, to, from, both };

inline bool sees(Subscription subscription) {
  return subscription == Subscription::to || subscription == Subscription::both;
}
inline bool is_seen(Subscription subscription) {
  return subscription == Subscription::from || subscription == Subscription::both;
}

// One contact, as a value of its own.
struct Contact {
  Jid jid;  // bare but for what clients put into rosters themselves
  std::string name;
  Subscription subscription = Subscription::none;
  bool asked_out = false;  // the account asked to see the contact, and waits for an answer ("ask")
  bool asked_in = false;   // the contact asked to see the account, and waits
  bool approved = false;   // RFC 6121 §3.4: a request of the contact will be granted
  // Part of the roster as clients see it. One that has only asked is not (RFC 6121 §3.1.3).
  bool listed = true;
  std::vector<std::string> groups;

  friend bool operator==(const Contact&, const Contact&) = default;
};

// Any thread. Two blocks of memory for all, and one for each address.
class ContactList {
 public:
  // A contact in its place; name and groups are asked of the list.
  struct Entry {
    Jid jid;
    std::uint32_t text_at = 0;
    std::uint16_t name_size = 0;
    std::uint8_t groups = 0;
    Subscription subscription : 2 = Subscription::none;
    bool asked_out : 1 = false;
    bool asked_in : 1 = false;
    bool approved : 1 = false;
    bool listed : 1 = true;
  };
  static_assert(sizeof(Entry) == 16, "a roster of 2000 entries shall stay small");

  ContactList() = default;
  // In any order; no address twice.
  explicit ContactList(std::vector<Contact> contacts);

  // In the order of their addresses, with those that are not listed.
  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + entries_.size(); }
  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  // The same list with one more or a changed contact, or without one.
  ContactList with(const Contact& contact) const;
  ContactList without(const Jid& address) const;

  // Null when it is no contact.
  const Entry* find(const Jid& address) const;
  // The views live as long as the list.
  std::string_view name_of(const Entry& entry) const { return {texts_.data() + entry.text_at, entry.name_size}; }
  std::vector<std::string_view> groups_of(const Entry& entry) const;
  Contact contact(const Entry& entry) const;
  // How many are part of the roster as clients see it.
  std::size_t listed() const;

  // About how many bytes of memory it takes.
  std::size_t footprint() const { return footprint_; }

 private:
  ContactList replaced(const Jid& address, const Contact* by) const;
  void append(const Contact& contact);

  std::vector<Entry> entries_;
  std::string texts_;  // of each, in order: its name, then its groups, each behind its length
  std::size_t footprint_ = 0;
};

}  // namespace meerkat
