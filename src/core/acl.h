// SPDX-License-Identifier: Apache-2.0
// [acl]: classes of users by name, for the access rules. A class is a list of patterns; one that matches is enough.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"
#include "core/text_pattern.h"
#include "xmpp/jid.h"

namespace meerkat {

enum class AddressPart : std::uint8_t { user, server, resource };

// A part of an address as it is in addresses: "Alice" is read as the user "alice".
template <AddressPart Part>
struct Prepared {
  std::string text;
};

// Nothing when the text cannot be that part of an address.
std::optional<std::string> prepared(std::string_view text, AddressPart part);

// One [[acl.NAME]]: who fulfils all of its conditions. Immutable once read; any thread.
struct AclPattern {
  enum class Match : std::uint8_t { current_domain, any_hosted_domain, all, none };

  Match match = Match::current_domain;
  std::optional<Prepared<AddressPart::user>> user;
  std::optional<Prepared<AddressPart::server>> server;
  std::optional<Prepared<AddressPart::resource>> resource;
  std::optional<RegexpPattern> user_regexp, server_regexp, resource_regexp;
  std::optional<GlobPattern> user_glob, server_glob, resource_glob;
};

using AclClasses = std::map<std::string, std::vector<AclPattern>>;

// `domain` is the one for which the rule is asked, `hosted` whether the domain of `who` is served here.
bool matches(const AclPattern& pattern, const Jid& who, std::string_view domain, bool hosted);

config::Section<AclPattern> acl_section();

}  // namespace meerkat

template <>
struct meerkat::config::EnumNames<meerkat::AclPattern::Match> {
  using enum meerkat::AclPattern::Match;
  static constexpr EnumName names[] = {
      {current_domain, "current_domain"}, {any_hosted_domain, "any_hosted_domain"}, {all, "all"}, {none, "none"}};
};

template <meerkat::AddressPart Part>
struct meerkat::config::Codec<meerkat::Prepared<Part>> {
  static Shape shape() { return {.kind = Shape::Kind::text}; }
  static std::optional<Prepared<Part>> read(const Node& node, const Reading& reading) {
    const auto text = reading.text(node);
    if (!text) return std::nullopt;
    auto known = prepared(*text, Part);
    if (known) return Prepared<Part>{std::move(*known)};
    constexpr std::string_view parts[] = {"user", "server", "resource"};
    const std::string_view part = parts[static_cast<int>(Part)];
    return reading.refuse(node, reading.shown(node) + " cannot be the " + std::string{part} + " of an address");
  }
  static std::string print(const Prepared<Part>& value) { return in_quotes(value.text); }
};
