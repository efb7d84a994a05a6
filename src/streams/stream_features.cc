// SPDX-License-Identifier: Apache-2.0
#include "streams/stream_features.h"

#include <algorithm>

#include "xml/builder.h"
#include "xmpp/jid.h"

namespace meerkat {

bool is_version_1(std::string_view version) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.size() <= 8 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::size_t dot = version.find('.');
  if (dot == std::string_view::npos || !is_number(version.substr(dot + 1))) return false;
  // Numbers, not words: leading zeros say nothing.
  std::string_view major = version.substr(0, dot);
  while (major.size() > 1 && major.front() == '0') major.remove_prefix(1);
  return major == "1";
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
