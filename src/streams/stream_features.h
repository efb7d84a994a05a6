// SPDX-License-Identifier: Apache-2.0
// What a stream header says and offers: RFC 6120 §4.3.2, §4.7, §6.3.1; XEP-0440.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "xmpp/scram.h"

namespace meerkat {

// RFC 6120 §4.7.5: 1.0, or a later minor version, which we answer with 1.0.
bool is_version_1(std::string_view version);

// The domain of a header's `to`, prepared; empty when it is no domain.
std::string domain_of_header(std::string_view to);

// <mechanisms/>, and the kinds of channel binding when a mechanism that binds is among them.
void append_mechanisms(std::string& features, const std::vector<SaslMechanism>& offered, const ChannelBinding& binding);

}  // namespace meerkat
