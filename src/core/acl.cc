// SPDX-License-Identifier: Apache-2.0
#include "core/acl.h"

namespace meerkat {
namespace {

template <AddressPart Part>
bool is(const std::optional<Prepared<Part>>& wanted, std::string_view text) {
  return !wanted || wanted->text == text;
}

template <class Pattern>
bool fits(const std::optional<Pattern>& wanted, std::string_view text) {
  return !wanted || wanted->pattern.matches(text);
}

bool is_matched(AclPattern::Match match, const Jid& who, std::string_view domain, bool hosted) {
  switch (match) {
    case AclPattern::Match::all:
      return true;
    case AclPattern::Match::none:
      return false;
    case AclPattern::Match::any_hosted_domain:
      return hosted;
    case AclPattern::Match::current_domain:
      break;
  }
  return who.domain() == domain;
}

}  // namespace

bool matches(const AclPattern& pattern, const Jid& who, std::string_view domain, bool hosted) {
  const std::string_view user = who.node();
  const std::string_view server = who.domain();
  const std::string_view resource = who.resource();
  return is_matched(pattern.match, who, domain, hosted) && is(pattern.user, user) && is(pattern.server, server) &&
         is(pattern.resource, resource) && fits(pattern.user_regexp, user) && fits(pattern.user_glob, user) &&
         fits(pattern.server_regexp, server) && fits(pattern.server_glob, server) &&
         fits(pattern.resource_regexp, resource) && fits(pattern.resource_glob, resource);
}

std::optional<std::string> prepared(std::string_view text, AddressPart part) {
  if (text.empty()) return std::nullopt;
  switch (part) {
    case AddressPart::user:
      if (const auto jid = Jid::make(text, "example.org")) return std::string{jid->node()};
      return std::nullopt;
    case AddressPart::server:
      if (const auto jid = Jid::make({}, text)) return std::string{jid->domain()};
      return std::nullopt;
    case AddressPart::resource:
      break;
  }
  const auto jid = Jid::make({}, "example.org", text);
  return jid ? std::optional{std::string{jid->resource()}} : std::nullopt;
}

config::Section<AclPattern> acl_section() {
  using namespace config;
  using A = AclPattern;
  return Section<A>{"acl",
                    "Classes of users, for access rules. A user belongs to a class when one of its tables fits, and a "
                    "table fits when all of its conditions do."}
      .option("match", &A::match,
              "Users of which domains: of the one that is asked for, of any that is served here, all, or none.")
      .option("user", &A::user, "The name before the @.", example("\"admin\""))
      .option("server", &A::server, "The domain.", example("\"example.org\""))
      .option("resource", &A::resource, "The name behind the slash.", example("\"desktop\""))
      .option("user_regexp", &A::user_regexp, "A regular expression that is found in the name (RE2; ^ and $ anchor).",
              example("\"^ad.*\""))
      .option("server_regexp", &A::server_regexp, "A regular expression that is found in the domain.",
              example("\"\\\\.example\\\\.org$\""))
      .option("resource_regexp", &A::resource_regexp, "A regular expression that is found in the resource.",
              example("\"^bot\""))
      .option("user_glob", &A::user_glob, "What the whole name looks like: * stands for any text, ? for a character.",
              example("\"ad*\""))
      .option("server_glob", &A::server_glob, "What the whole domain looks like.", example("\"*.example.org\""))
      .option("resource_glob", &A::resource_glob, "What the whole resource looks like.", example("\"bot-??\""));
}

}  // namespace meerkat
