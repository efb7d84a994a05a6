// SPDX-License-Identifier: Apache-2.0
#include "store/ldap/directory.h"

#include <strings.h>

#include <algorithm>

namespace meerkat::ldap {

const std::vector<std::string>* Entry::values(std::string_view name) const {
  const auto found = std::ranges::find_if(attributes, [name](const Attribute& attribute) {
    return attribute.name.size() == name.size() && ::strncasecmp(attribute.name.data(), name.data(), name.size()) == 0;
  });
  return found == attributes.end() ? nullptr : &found->values;
}

std::string_view Entry::value(std::string_view name) const {
  const std::vector<std::string>* const all = values(name);
  return all == nullptr || all->empty() ? std::string_view{} : std::string_view{all->front()};
}

}  // namespace meerkat::ldap
