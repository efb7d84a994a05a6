// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/contact_list.h"

#include <algorithm>
#include <span>

namespace meerkat {
namespace {

// Of the block behind an address, beside its text.
constexpr std::size_t jid_block = 24;

void append_text(std::string& texts, std::string_view text) {
  texts.push_back(static_cast<char>(text.size() >> 8));
  texts.push_back(static_cast<char>(text.size() & 0xFF));
  texts.append(text);
}

// Clients may not come near these; rows of other servers' tables might.
constexpr std::size_t longest_text = 65535;
constexpr std::size_t most_groups = 255;

std::string_view bounded(std::string_view text) { return text.substr(0, longest_text); }

std::span<const std::string> groups_kept(const Contact& contact) {
  return std::span{contact.groups}.first(std::min(contact.groups.size(), most_groups));
}

std::size_t size_of_texts(const Contact& contact) {
  std::size_t bytes = bounded(contact.name).size();
  for (const std::string& group : groups_kept(contact)) bytes += 2 + bounded(group).size();
  return bytes;
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
  for (const Contact& contact : contacts) bytes += size_of_texts(contact);
  texts_.reserve(bytes);
  for (const Contact& contact : contacts) append(contact);
  footprint_ += sizeof(ContactList);
}

void ContactList::append(const Contact& contact) {
  entries_.push_back({.jid = contact.jid,
                      .text_at = static_cast<std::uint32_t>(texts_.size()),
                      .name_size = static_cast<std::uint16_t>(bounded(contact.name).size()),
                      .groups = static_cast<std::uint8_t>(groups_kept(contact).size()),
                      .subscription = contact.subscription,
                      .asked_out = contact.asked_out,
                      .asked_in = contact.asked_in,
                      .approved = contact.approved,
                      .listed = contact.listed});
  texts_.append(bounded(contact.name));
  for (const std::string& group : groups_kept(contact)) append_text(texts_, bounded(group));
  footprint_ += sizeof(Entry) + jid_block + contact.jid.text().size() + size_of_texts(contact);
}

ContactList ContactList::with(const Contact& contact) const { return replaced(contact.jid, &contact); }

ContactList ContactList::without(const Jid& address) const { return replaced(address, nullptr); }

// Entries behind it are copied as they are, their texts in one piece.
ContactList ContactList::replaced(const Jid& address, const Contact* by) const {
  const auto place = std::ranges::lower_bound(entries_, address, {}, &Entry::jid);
  const bool known = place != entries_.end() && place->jid == address;
  const auto rest = place + (known ? 1 : 0);
  const std::size_t texts_before = place != entries_.end() ? place->text_at : texts_.size();
  const std::size_t texts_behind = rest != entries_.end() ? rest->text_at : texts_.size();

  ContactList list;
  list.entries_.reserve(entries_.size() + 1);
  list.texts_.reserve(texts_.size() + (by != nullptr ? size_of_texts(*by) : 0));
  list.footprint_ = footprint_;
  if (known) list.footprint_ -= sizeof(Entry) + jid_block + address.text().size() + (texts_behind - texts_before);
  list.entries_.assign(entries_.begin(), place);
  list.texts_.assign(texts_, 0, texts_before);
  if (by != nullptr) list.append(*by);
  const auto moved = static_cast<std::uint32_t>(list.texts_.size() - texts_behind);
  for (auto entry = rest; entry != entries_.end(); ++entry)
    list.entries_.emplace_back(*entry).text_at += moved;  // unsigned arithmetic: it may move forwards or back
  list.texts_.append(texts_, texts_behind);
  return list;
}

std::size_t ContactList::listed() const {
  return static_cast<std::size_t>(std::ranges::count_if(entries_, [](const Entry& entry) { return entry.listed; }));
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
