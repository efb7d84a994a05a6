// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/contact_list.h"

#include <algorithm>

namespace meerkat {
namespace {

// Of the block behind an address, beside its text.
constexpr std::size_t jid_block = 24;

void append_text(std::string& texts, std::string_view text) {
  texts.push_back(static_cast<char>(text.size() >> 8));
  texts.push_back(static_cast<char>(text.size() & 0xFF));
  texts.append(text);
}

std::string_view text_at(std::string_view texts, std::size_t at) {
  const auto high = static_cast<unsigned char>(texts[at]);
  const auto low = static_cast<unsigned char>(texts[at + 1]);
  return texts.substr(at + 2, (std::size_t{high} << 8) | low);
}

}  // namespace

ContactList::ContactList(std::vector<Contact> contacts) {
  std::ranges::sort(contacts, {}, &Contact::jid);
  entries_.reserve(contacts.size());
  std::size_t bytes = 0;
  for (const Contact& contact : contacts) {
    bytes += contact.name.size();
    for (const std::string& group : contact.groups) bytes += 2 + group.size();
  }
  texts_.reserve(bytes);
  footprint_ = sizeof(ContactList) + contacts.size() * sizeof(Entry) + bytes;
  for (Contact& contact : contacts) {
    footprint_ += jid_block + contact.jid.text().size();
    entries_.push_back({.jid = std::move(contact.jid),
                        .text_at = static_cast<std::uint32_t>(texts_.size()),
                        .name_size = static_cast<std::uint16_t>(contact.name.size()),
                        .groups = static_cast<std::uint8_t>(contact.groups.size()),
                        .subscription = contact.subscription,
                        .asked_out = contact.asked_out,
                        .asked_in = contact.asked_in,
                        .approved = contact.approved,
                        .listed = contact.listed});
    texts_.append(contact.name);
    for (const std::string& group : contact.groups) append_text(texts_, group);
  }
}

const ContactList::Entry* ContactList::find(const Jid& address) const {
  const auto found = std::ranges::lower_bound(entries_, address, {}, &Entry::jid);
  return found != entries_.end() && found->jid == address ? &*found : nullptr;
}

std::vector<std::string_view> ContactList::groups_of(const Entry& entry) const {
  std::vector<std::string_view> groups;
  groups.reserve(entry.groups);
  std::size_t at = entry.text_at + entry.name_size;
  for (int i = 0; i < entry.groups; ++i) {
    groups.push_back(text_at(texts_, at));
    at += 2 + groups.back().size();
  }
  return groups;
}

Contact ContactList::contact(const Entry& entry) const {
  const auto groups = groups_of(entry);
  return {.jid = entry.jid,
          .name = std::string{name_of(entry)},
          .subscription = entry.subscription,
          .asked_out = entry.asked_out,
          .asked_in = entry.asked_in,
          .approved = entry.approved,
          .listed = entry.listed,
          .groups = {groups.begin(), groups.end()}};
}

}  // namespace meerkat
