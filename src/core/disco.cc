// SPDX-License-Identifier: Apache-2.0
#include "core/disco.h"

#include <algorithm>

namespace meerkat {

std::optional<StanzaError> disco_problem(const IqRequest& request) {
  if (request.query.name() != "query") return StanzaError::bad_request();
  const auto node = request.query.attr("node");
  if (node && !node->empty()) return StanzaError::item_not_found();
  return std::nullopt;
}

xml::Builder disco_info(const Disco& disco, const IqTable& iqs, IqTarget target) {
  xml::Builder query{"query", ns::disco_info};
  for (const DiscoIdentity& known : disco.identities(target)) {
    xml::Builder identity{"identity"};
    identity.attr("category", known.category).attr("type", known.type);
    // Names are English. Said here, no stream's language changes what XEP-0390 §4.1 makes of it.
    if (!known.name.empty()) identity.attr("name", known.name).attr("xml:lang", "en");
    query.child(identity);
  }
  std::vector<std::string_view> features = iqs.namespaces(target);
  for (const std::string_view feature : disco.features(target)) features.push_back(feature);
  std::ranges::sort(features);
  const auto repeated = std::ranges::unique(features);
  features.erase(repeated.begin(), repeated.end());
  for (const std::string_view feature : features) query.child(xml::Builder("feature").attr("var", feature));
  for (const std::string_view form : disco.forms(target)) query.raw(form);
  return query;
}

}  // namespace meerkat
