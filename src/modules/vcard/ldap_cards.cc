// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/ldap_cards.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "store/ldap/filter.h"
#include "store/ldap/steady_directory.h"
#include "xml/builder.h"
#include "xml/namespaces.h"

namespace meerkat {
namespace {

// How many namesakes are looked at; the first one is the user.
constexpr std::uint32_t most_namesakes = 2;
// Of a value that is told to those who search, in bytes: as long as one that is kept here may be.
constexpr std::size_t longest_found = 1000;

// Where a field of the options stands in a vCard (XEP-0054 §5), in the order of the DTD.
struct CardField {
  std::string_view name;
  std::string_view element, inner;
};
constexpr std::array<CardField, 21> card_fields{{
    {"FN", "FN", ""},
    {"FAMILY", "N", "FAMILY"},
    {"GIVEN", "N", "GIVEN"},
    {"MIDDLE", "N", "MIDDLE"},
    {"NICKNAME", "NICKNAME", ""},
    {"PHOTO", "PHOTO", "BINVAL"},
    {"BDAY", "BDAY", ""},
    {"STREET", "ADR", "STREET"},
    {"LOCALITY", "ADR", "LOCALITY"},
    {"REGION", "ADR", "REGION"},
    {"PCODE", "ADR", "PCODE"},
    {"CTRY", "ADR", "CTRY"},
    {"TEL", "TEL", "NUMBER"},
    {"EMAIL", "EMAIL", "USERID"},
    {"JABBERID", "JABBERID", ""},
    {"TITLE", "TITLE", ""},
    {"ROLE", "ROLE", ""},
    {"ORGNAME", "ORG", "ORGNAME"},
    {"ORGUNIT", "ORG", "ORGUNIT"},
    {"URL", "URL", ""},
    {"DESC", "DESC", ""},
}};

bool is_card_field(std::string_view name) {
  return std::ranges::any_of(card_fields, [name](const CardField& field) { return field.name == name; });
}

// The field of a vCard that is searched as this one: FAMILY for N/FAMILY, EMAIL for EMAIL/USERID.
std::string_view card_field_of(const SearchedField& field) {
  const auto same = [&field](const CardField& one) { return one.element == field.element && one.inner == field.inner; };
  return std::ranges::find_if(card_fields, same)->name;
}
static_assert(std::ranges::all_of(searched_fields, [](const SearchedField& field) {
  return std::ranges::any_of(
      card_fields, [&field](const CardField& one) { return one.element == field.element && one.inner == field.inner; });
}));

bool is_search_field(std::string_view label) {
  return label == "User" ||
         std::ranges::any_of(searched_fields, [label](const SearchedField& field) { return field.label == label; });
}

// XML 1.0 §2.2, without what nobody means by a name.
bool is_text(std::string_view value) {
  while (!value.empty()) {
    const CodePoint point = first_code_point(value);
    const bool is_white = point.value == '\t' || point.value == '\n' || point.value == '\r';
    if (point.size == 0 || (point.value < 0x20 && !is_white) || point.value == 0xFFFE || point.value == 0xFFFF)
      return false;
    value.remove_prefix(point.size);
  }
  return true;
}

std::vector<VcardMapping> usual_map() {
  return {{"NICKNAME", "%u", {}},           {"FN", "%s", "displayName"},  {"FAMILY", "%s", "sn"},
          {"GIVEN", "%s", "givenName"},     {"MIDDLE", "%s", "initials"}, {"ORGNAME", "%s", "o"},
          {"ORGUNIT", "%s", "ou"},          {"CTRY", "%s", "c"},          {"LOCALITY", "%s", "l"},
          {"STREET", "%s", "street"},       {"REGION", "%s", "st"},       {"PCODE", "%s", "postalCode"},
          {"TITLE", "%s", "title"},         {"URL", "%s", "labeleduri"},  {"DESC", "%s", "description"},
          {"TEL", "%s", "telephoneNumber"}, {"EMAIL", "%s", "mail"},      {"BDAY", "%s", "birthDay"},
          {"ROLE", "%s", "employeeType"},   {"PHOTO", "%s", "jpegPhoto"}};
}

std::vector<VcardSearchMapping> usual_search() {
  return {{"User", "%u"},
          {"Full Name", "displayName"},
          {"Given Name", "givenName"},
          {"Middle Name", "initials"},
          {"Family Name", "sn"},
          {"Nickname", "%u"},
          {"Birthday", "birthDay"},
          {"Country", "c"},
          {"City", "l"},
          {"Email", "mail"},
          {"Organization Name", "o"},
          {"Organization Unit", "ou"}};
}

LdapCardsOptions usual_options() {
  LdapCardsOptions options;
  options.vcard_map = usual_map();
  options.search_fields = usual_search();
  return options;
}

class LdapCards final : public VcardStore {
 public:
  LdapCards(ldap::Directory& directory, const LdapCardsOptions& options, config::Bytes largest)
      : directory_(directory, "mod_vcard"), options_(options), largest_(static_cast<std::size_t>(largest.count)) {
    for (const VcardMapping& mapping : options_.vcard_map) {
      if (!mapping.ldap_field) continue;
      card_attributes_.push_back(*mapping.ldap_field);
      if (is_searched(mapping.vcard_field)) found_attributes_.push_back(*mapping.ldap_field);
    }
  }

  Task<std::optional<std::string>> find(const Jid& user) override {
    const std::string domain{user.domain()}, name{user.node()};
    ldap::Search search = asked(options_.people.filter_of(name, domain), most_namesakes, card_attributes_);
    search.largest_value = largest_;
    const ldap::Found found = co_await directory_.search(std::move(search));
    if (found.entries.empty()) co_return std::nullopt;
    const auto any = [](const VcardMapping&) { return true; };
    Values values = values_of(found.entries.front(), name, domain, largest_, any);
    std::string card = xml_of(values);
    if (card.size() > largest_ && values.erase("PHOTO") > 0) card = xml_of(values);
    if (card.size() > largest_) co_return std::nullopt;
    co_return card;
  }
  Task<> save(const Jid&, std::string, SearchedValues) override { co_return; }
  Task<> remove(const Jid&) override { co_return; }

  Task<std::vector<FoundUser>> search(const std::string& server, Search search, std::uint32_t at_most) override {
    std::vector<FoundUser> users;
    const std::string wanted = filter_of(search, server);
    if (wanted.empty() || at_most == 0) co_return users;
    ldap::Search question =
        asked("(&" + options_.people.filter_of_all(server) + wanted + ")", at_most, found_attributes_);
    question.largest_value = longest_found;
    const ldap::Found found = co_await directory_.search(std::move(question));
    for (const ldap::Entry& entry : found.entries) {
      const auto user = options_.people.user_of(entry, server);
      const auto address = user ? Jid::make(*user, server) : std::unexpected(JidProblem{});
      if (!address) continue;
      Values values = values_of(entry, *user, server, longest_found,
                                [](const VcardMapping& mapping) { return is_searched(mapping.vcard_field); });
      FoundUser& one = users.emplace_back(std::string{address->node()});
      for (std::size_t i = 0; i < searched_fields.size(); ++i)
        one.values[i] = std::move(values[card_field_of(searched_fields[i])]);
    }
    co_return users;
  }

 private:
  using Values = std::map<std::string_view, std::string>;

  static bool is_searched(std::string_view vcard_field) {
    return std::ranges::any_of(
        searched_fields, [vcard_field](const SearchedField& field) { return card_field_of(field) == vcard_field; });
  }

  ldap::Search asked(std::string filter, std::uint32_t most, const std::vector<std::string>& attributes) const {
    ldap::Search search{.base = options_.people.base,
                        .filter = std::move(filter),
                        .attributes = options_.people.attributes(),
                        .deref = options_.people.deref,
                        .size_limit = most};
    std::ranges::copy(attributes, std::back_inserter(search.attributes));
    return search;
  }

  // Fields that say something, none longer than `longest`.
  template <class Wants>
  Values values_of(const ldap::Entry& entry, const std::string& user, const std::string& domain, std::size_t longest,
                   Wants wants) const {
    Values values;
    for (const VcardMapping& mapping : options_.vcard_map) {
      if (!wants(mapping)) continue;
      const std::string_view kept = mapping.ldap_field ? entry.value(*mapping.ldap_field) : std::string_view{};
      const bool is_photo = mapping.vcard_field == "PHOTO";
      if (mapping.ldap_field && kept.empty()) continue;
      if (kept.size() > (is_photo ? longest / 4 * 3 : longest)) continue;
      std::string raw = is_photo ? base64(kept) : std::string{kept};
      std::string value = ldap::fill(mapping.ldap_pattern, {{'u', user}, {'d', domain}, {'s', std::move(raw)}});
      if (!value.empty() && value.size() <= longest && is_text(value))
        values.emplace(mapping.vcard_field, std::move(value));
    }
    return values;
  }

  static std::string xml_of(const Values& values) {
    xml::Builder card{"vCard", ns::vcard};
    for (std::size_t i = 0; i < card_fields.size();) {
      const std::string_view element = card_fields[i].element;
      xml::Builder outer{element};
      bool says_something = false;
      for (; i < card_fields.size() && card_fields[i].element == element; ++i) {
        const auto value = values.find(card_fields[i].name);
        if (value == values.end()) continue;
        says_something = true;
        if (element == "PHOTO") outer.child(xml::Builder("TYPE").text("image/jpeg"));
        if (card_fields[i].inner.empty())
          outer.text(value->second);
        else
          outer.child(xml::Builder(card_fields[i].inner).text(value->second));
      }
      if (says_something) card.child(outer);
    }
    return card.str();
  }

  // Empty when nothing is asked that the directory knows.
  std::string filter_of(const Search& search, const std::string& domain) const {
    std::string all;
    for (const VcardSearchMapping& mapping : options_.search_fields) {
      const Wanted& wanted = wanted_for(search, mapping.search_field);
      if (wanted.fit == Wanted::Fit::anything) continue;
      std::string value = ldap::escape_filter(wanted.text);
      if (wanted.fit == Wanted::Fit::beginning) value += "*";
      all += mapping.ldap_field == "%u" ? options_.people.filter_of_pattern(value, domain)
                                        : "(" + mapping.ldap_field + "=" + value + ")";
    }
    if (all.empty()) return all;
    return (options_.search_operator == LdapCardsOptions::Operator::with_or ? "(|" : "(&") + all + ")";
  }

  static const Wanted& wanted_for(const Search& search, std::string_view label) {
    for (std::size_t i = 0; i < searched_fields.size(); ++i)
      if (searched_fields[i].label == label) return search.fields[i];
    return search.user;
  }

  ldap::SteadyDirectory directory_;
  const LdapCardsOptions& options_;
  const std::size_t largest_;
  std::vector<std::string> card_attributes_, found_attributes_;
};

}  // namespace

config::Section<LdapCardsOptions> ldap_cards_section() {
  using namespace config;
  using M = VcardMapping;
  const auto map =
      Section<M>{"vcard_map", "A field of vCards, and the attribute that it is made of."}
          .option("vcard_field", &M::vcard_field, "The field, as XEP-0054 names it.", mandatory,
                  must_be("a field of vCards, such as \"FAMILY\"", is_card_field), needs_restart, example("\"FAMILY\""))
          .option("ldap_pattern", &M::ldap_pattern, "Its text: %s is the attribute, %u the user, %d the domain.",
                  needs_restart)
          .option("ldap_field", &M::ldap_field, "The attribute. Entries without it have no such field.", needs_restart,
                  example("\"sn\""));
  using F = VcardSearchMapping;
  const auto search =
      Section<F>{"search_fields", "A field of the search form, and the attribute that is searched for it."}
          .option("search_field", &F::search_field, "The field, as its label in the form says.", mandatory,
                  must_be("a field of the form, such as \"Family Name\"", is_search_field), needs_restart,
                  example("\"Family Name\""))
          .option("ldap_field", &F::ldap_field, "The attribute; %u stands for those that name the user.", mandatory,
                  must_be("the name of an attribute, or \"%u\"",
                          [](std::string_view name) {
                            return name == "%u" || ldap::is_filter("(" + std::string{name} + "=*)");
                          }),
                  needs_restart, example("\"sn\""));
  using O = LdapCardsOptions;
  return Section<O>{"modules.mod_vcard.ldap", "vCards from a directory, for the backend \"ldap\".", usual_options()}
      .include(&O::people, ldap::people_section())
      .list("vcard_map", &O::vcard_map, map, non_empty, needs_restart)
      .list("search_fields", &O::search_fields, search, non_empty, needs_restart)
      .option("search_operator", &O::search_operator, "Whether all fields must fit, or one of them.", needs_restart)
      .ignored("search_reported", "What was found is told in the fields of the form.")
      .ignored("binary_search_fields", "Photos are always told as base64.");
}

std::unique_ptr<VcardStore> make_ldap_cards(ldap::Directory& directory, const LdapCardsOptions& options,
                                            config::Bytes largest) {
  return std::make_unique<LdapCards>(directory, options, largest);
}

}  // namespace meerkat
