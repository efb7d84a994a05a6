// SPDX-License-Identifier: Apache-2.0
#include "modules/caps/own_caps.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "xml/parser.h"
#include "xmpp/entity_caps.h"
#include "xmpp/named_hash.h"

namespace meerkat {
namespace {

std::string node_of_v2(std::string_view algorithm, std::string_view hash) {
  std::string node{ns::caps2.uri};
  return node.append("#").append(algorithm).append(".").append(hash);
}

xml::Builder hash_element(std::string_view algorithm, std::string_view hash) {
  return xml::Builder("hash", ns::hashes).attr("algo", algorithm).text(hash);
}

}  // namespace

bool OwnCaps::is_named_by(std::string_view node) const {
  return node == std::string{caps_node} + '#' + v1_ver || node == node_of_v2("sha-256", v2_hash) ||
         node == node_of_v2("sha3-256", v2_other_hash);
}

std::string OwnCaps::as_feature(bool v1, bool v2) const {
  std::string feature;
  if (v1 && !v1_ver.empty())
    xml::Builder("c", ns::caps).attr("hash", "sha-1").attr("node", caps_node).attr("ver", v1_ver).append_to(feature);
  if (v2 && !v2_hash.empty())
    xml::Builder("c", ns::caps2)
        .child(hash_element("sha-256", v2_hash))
        .child(hash_element("sha3-256", v2_other_hash))
        .append_to(feature);
  return feature;
}

void FormerCaps::add(std::shared_ptr<const OwnCaps> caps) {
  const std::lock_guard guard{lock_};
  if (std::ranges::any_of(last_, [&](const auto& known) { return known->answer == caps->answer; })) return;
  last_.push_front(std::move(caps));
  if (last_.size() > most) last_.pop_back();
}

std::shared_ptr<const OwnCaps> FormerCaps::find(std::string_view node) const {
  const std::lock_guard guard{lock_};
  const auto found = std::ranges::find_if(last_, [&](const auto& caps) { return caps->is_named_by(node); });
  return found == last_.end() ? nullptr : *found;
}

std::shared_ptr<const OwnCaps> own_caps(const HostType& host) {
  const std::string text = disco_info(host.disco, host.iqs, IqTarget::server).str();
  xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::none(), xml::Limits::none());
  check(index.has_value(), "the server describes itself in well-formed XML");
  const xml::Element root{*index};
  const auto v1 = caps_text(root), v2 = caps2_text(root, {});
  OwnCaps caps{.answer = std::string{root.inner_raw()}, .v1_ver = {}, .v2_hash = {}, .v2_other_hash = {}};
  if (v1) caps.v1_ver = base64(*named_hash("sha-1", *v1));
  if (v2) caps.v2_hash = base64(*named_hash("sha-256", *v2));
  if (v2) caps.v2_other_hash = base64(*named_hash("sha3-256", *v2));
  return std::make_shared<const OwnCaps>(std::move(caps));
}

}  // namespace meerkat
