// SPDX-License-Identifier: Apache-2.0
#include "modules/roster/roster_item.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "xml/namespaces.h"
#include "xml/writer.h"
#include "xmpp/sasl_crypto.h"

namespace meerkat {
namespace {

std::string_view name_of(Subscription subscription) {
  switch (subscription) {
    case Subscription::none:
      return "none";
    case Subscription::to:
      return "to";
    case Subscription::from:
      return "from";
    case Subscription::both:
      return "both";
  }
  return "none";
}

// Of a Contact or an Entry, whose name and groups are elsewhere.
template <class Item, class Groups>
void append_item(std::string& out, const Item& item, std::string_view name, const Groups& groups) {
  out += "<item";
  xml::write_attribute(out, "jid", item.jid.text());
  if (!name.empty()) xml::write_attribute(out, "name", name);
  xml::write_attribute(out, "subscription", name_of(item.subscription));
  if (item.asked_out) out += " ask='subscribe'";
  if (item.approved) out += " approved='true'";
  if (groups.empty()) {
    out += "/>";
    return;
  }
  out += '>';
  for (const std::string_view group : groups) {
    out += "<group>";
    xml::escape_text(out, group);
    out += "</group>";
  }
  out += "</item>";
}

std::expected<std::vector<std::string>, StanzaError> groups_of(const xml::Element& item) {
  std::vector<std::string> groups;
  for (const xml::Element child : item.children()) {
    if (!child.is("group", ns::roster)) continue;
    std::string group = child.text();
    if (group.empty()) return std::unexpected(StanzaError::not_acceptable("a group has a name"));
    if (group.size() > longest_group_name)
      return std::unexpected(StanzaError::not_acceptable("the name of a group has at most 1023 bytes"));
    if (std::ranges::find(groups, group) != groups.end())
      return std::unexpected(StanzaError::bad_request("a contact is in a group once"));
    if (groups.size() == most_groups_of_contact)
      return std::unexpected(StanzaError::not_acceptable("a contact is in at most 64 groups"));
    groups.push_back(std::move(group));
  }
  // As the store gives them back.
  std::ranges::sort(groups);
  return groups;
}

std::optional<xml::Element> only_item(const xml::Element& query) {
  std::optional<xml::Element> item;
  for (const xml::Element child : query.children()) {
    if (!child.is("item", ns::roster)) continue;
    if (item) return std::nullopt;
    item = child;
  }
  return item;
}

}  // namespace

bool fits_store(const Jid& user, const Jid& contact, std::string_view group) {
  static constexpr std::size_t most_bytes = 2600;
  return user.text().size() + contact.text().size() + group.size() <= most_bytes;
}

std::expected<RosterWish, StanzaError> roster_wish(const xml::Element& query) {
  const auto item = only_item(query);
  if (query.name() != "query" || !item) return std::unexpected(StanzaError::bad_request("a roster set has one item"));
  const auto jid = item->attr("jid");
  if (!jid) return std::unexpected(StanzaError::bad_request("an item has a jid"));
  auto contact = Jid::parse(jid->str());
  if (!contact) return std::unexpected(StanzaError::jid_malformed());

  RosterWish wish{.contact = std::move(*contact), .remove = false, .name = {}, .groups = {}};
  const auto subscription = item->attr("subscription");
  wish.remove = subscription && *subscription == "remove";
  if (wish.remove) return wish;
  if (const auto name = item->attr("name")) wish.name = name->str();
  if (wish.name.size() > longest_contact_name)
    return std::unexpected(StanzaError::not_acceptable("the name of a contact has at most 1023 bytes"));
  auto groups = groups_of(*item);
  if (!groups) return std::unexpected(std::move(groups.error()));
  wish.groups = std::move(*groups);
  return wish;
}

void append_item(std::string& out, const ContactList& list, const ContactList::Entry& entry) {
  append_item(out, entry, list.name_of(entry), list.groups_of(entry));
}

void append_item(std::string& out, const Contact& contact) { append_item(out, contact, contact.name, contact.groups); }

void append_removed_item(std::string& out, const Jid& contact) {
  out += "<item";
  xml::write_attribute(out, "jid", contact.text());
  out += " subscription='remove'/>";
}

std::string version_of(const ContactList& list) {
  std::string items;
  for (const ContactList::Entry& entry : list)
    if (entry.listed) append_item(items, list, entry);
  return hex(digest_of(ScramHash::sha1, items).view());
}

}  // namespace meerkat
