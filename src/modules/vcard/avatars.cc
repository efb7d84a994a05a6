// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/avatars.h"

#include <algorithm>

#include "core/session.h"
#include "store/sql/errors.h"
#include "xml/document.h"

namespace meerkat {
namespace {

// XEP-0398 §4: a client that says there is no photo means it, for this presence.
bool says_there_is_none(const Stanza& presence) {
  const auto update = presence.element().child("x", ns::vcard_update);
  const auto photo = update ? update->child("photo", ns::vcard_update) : std::nullopt;
  return photo && photo->text().empty();
}

// XEP-0153 §3.1: upper case means the same.
bool says(const Stanza& presence, const AvatarHash& avatar) {
  const auto update = presence.element().child("x", ns::vcard_update);
  const auto photo = update ? update->child("photo", ns::vcard_update) : std::nullopt;
  if (!photo) return false;
  std::string said = photo->text();
  std::ranges::transform(said, said.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return said == avatar.text();
}

// Without a photo the presence stays as it is: what the client says may be about an avatar that is kept elsewhere.
void announce(Stanza& presence, const std::optional<AvatarHash>& avatar) {
  if (!avatar || says(presence, *avatar)) return;
  const xml::Builder update = xml::Builder("x", ns::vcard_update).child(xml::Builder("photo").text(avatar->text()));
  presence = with_replaced(std::move(presence), ns::vcard_update, update.str());
}

}  // namespace

Avatars::Avatars(HostType& host, VcardStore& store) : store_(store) {
  // Late, so that nobody looks for the photo of what is refused anyway.
  host.hooks.on<&Avatars::presence_sent>(*this, 80);
}

Answer<Verdict> Avatars::presence_sent(UserSendsPresence& event) {
  Stanza& presence = event.context.stanza;
  if (presence.type != StanzaType::available || says_there_is_none(presence)) return Verdict::next();
  const std::optional<AvatarHash>* const known = known_.find(event.context.sender.account->bare);
  if (known == nullptr) return look_and_announce(event);
  announce(presence, *known);
  return Verdict::next();
}

Task<Verdict> Avatars::look_and_announce(UserSendsPresence& event) {
  const Jid user = event.context.sender.account->bare;
  std::optional<AvatarHash> avatar;
  try {
    auto xml = co_await store_.find(user);
    if (xml) {
      const xml::Document card{std::move(*xml)};
      if (card) avatar = avatar_of(card.root());
    }
  } catch (const sql::Unavailable&) {
    // The database has said so itself. Presence goes out without a hash.
    co_return Verdict::next();
  }
  // Whoever has set a vCard in the meantime knows better.
  const std::optional<AvatarHash>* known = known_.find(user);
  if (known == nullptr) known = &known_.put(user, avatar);
  announce(event.context.stanza, *known);
  co_return Verdict::next();
}

}  // namespace meerkat
