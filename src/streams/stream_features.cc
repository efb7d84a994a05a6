// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_features.h"

#include <algorithm>

#include "xml/builder.h"
#include "xmpp/jid.h"

namespace meerkat {

bool is_version_1(std::string_view version) {
  if (!version.starts_with("1.") || version.size() > 5 || version.size() < 3) return false;
  return std::ranges::all_of(version.substr(2), [](char c) { return c >= '0' && c <= '9'; });
}

std::string domain_of_header(std::string_view to) {
  const auto jid = Jid::parse(to);
  return jid && jid->is_domain() ? std::string{jid->domain()} : std::string{};
}

void append_mechanisms(std::string& features, const std::vector<SaslMechanism>& offered,
                       const ChannelBinding& binding) {
  if (offered.empty()) return;
  xml::Builder mechanisms{"mechanisms", ns::sasl};
  for (const SaslMechanism mechanism : offered) mechanisms.child(xml::Builder("mechanism").text(name_of(mechanism)));
  mechanisms.append_to(features);
  if (!std::ranges::any_of(offered, binds_channel)) return;
  xml::Builder bindings{"sasl-channel-binding", ns::sasl_channel_binding};
  if (!binding.tls_exporter.empty()) bindings.child(xml::Builder("channel-binding").attr("type", "tls-exporter"));
  if (!binding.tls_server_end_point.empty())
    bindings.child(xml::Builder("channel-binding").attr("type", "tls-server-end-point"));
  bindings.append_to(features);
}

}  // namespace meerkat
