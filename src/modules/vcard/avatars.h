// SPDX-License-Identifier: Apache-2.0
// XEP-0153, XEP-0398 §4: the hash of the photo in a user's vCard goes out with the user's presence, whether or not the
// client has computed it.
#pragma once

#include <optional>

#include "base/lru_cache.h"
#include "core/events/routing_events.h"
#include "modules/vcard/card.h"
#include "modules/vcard/vcard_store.h"

namespace meerkat {

// A part of the module, on one worker: users live here, their vCards are set here, and their presence begins here.
class Avatars {
 public:
  Avatars(HostType& host, VcardStore& store);

  Answer<Verdict> presence_sent(UserSendsPresence& event);
  // The vCard of a user is another one; nothing: without a photo.
  void changed(const Jid& user, std::optional<AvatarHash> avatar) { known_.put(user, avatar); }

 private:
  // Some 200 bytes each.
  static constexpr std::size_t most_known = 20000;

  Task<Verdict> look_and_announce(UserSendsPresence& event);

  VcardStore& store_;
  LruCache<Jid, std::optional<AvatarHash>> known_{most_known};
};

}  // namespace meerkat
