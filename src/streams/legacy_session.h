// SPDX-License-Identifier: Apache-2.0
// RFC 3921 §3: the session that old clients ask for after binding; it means nothing any more (RFC 6121, appendix E).
#pragma once

#include "core/host_type.h"
#include "core/iq_table.h"

namespace meerkat {

// Part of every host type: one per worker.
class LegacySession final : public Module {
 public:
  explicit LegacySession(HostType& host) {
    host.iqs.on_set<&LegacySession::asked>(*this, ns::session, IqTarget::account);
    host.iqs.on_set<&LegacySession::asked>(*this, ns::session, IqTarget::server);
  }

  IqReply asked(const IqRequest& request) {
    // Nobody learns who exists by asking others.
    const bool stranger = request.to.has_node() && !request.from.same_bare(request.to);
    return stranger ? IqReply{StanzaError::service_unavailable()} : IqReply::empty();
  }
};

}  // namespace meerkat
