// SPDX-License-Identifier: Apache-2.0
#include "modules/vcard/directory.h"

#include <algorithm>
#include <utility>

#include "base/version.h"

namespace meerkat {
namespace {

constexpr std::string_view advice =
    "Fill in one or more fields to search for people. A value that ends in * fits everything that begins with it.";

// XEP-0055 §7.2: what can be asked without a form, by the number of the field.
constexpr std::pair<std::string_view, std::size_t> plain_fields[] = {
    {"first", 2}, {"last", 1}, {"nick", 4}, {"email", 8}};
static_assert(std::ranges::all_of(plain_fields,
                                  [](const auto& plain) { return searched_fields[plain.second].var == plain.first; }));

Wanted wanted(std::string_view typed) {
  while (typed.starts_with(' ')) typed.remove_prefix(1);
  while (typed.ends_with(' ')) typed.remove_suffix(1);
  if (typed.empty()) return {};
  if (!typed.ends_with('*')) return {Wanted::Fit::whole, folded(typed)};
  return {Wanted::Fit::beginning, folded(typed.substr(0, typed.size() - 1))};
}

Search search_in(const DataForm& form) {
  Search search;
  search.user = wanted(form.value("user").value_or(std::string_view{}));
  for (std::size_t i = 0; i < searched_fields.size(); ++i)
    search.fields[i] = wanted(form.value(searched_fields[i].var).value_or(std::string_view{}));
  return search;
}

Search search_in(const xml::Element& query) {
  Search search;
  for (const auto& [name, number] : plain_fields)
    if (const auto field = query.child(name, ns::search)) search.fields[number] = wanted(field->text());
  return search;
}

std::string address_of(const FoundUser& user, std::string_view domain) { return user.user + "@" + std::string{domain}; }

std::vector<FormField> columns() {
  std::vector<FormField> columns{{.var = "jid", .type = FieldType::jid_single, .label = "Jabber ID"}};
  for (const SearchedField& field : searched_fields)
    columns.push_back(
        {.var = std::string{field.var}, .type = FieldType::text_single, .label = std::string{field.label}});
  return columns;
}

std::vector<FormField> cells(const FoundUser& user, std::string_view domain) {
  std::vector<FormField> cells{{.var = "jid", .values = {address_of(user, domain)}}};
  for (std::size_t i = 0; i < searched_fields.size(); ++i)
    cells.push_back({.var = std::string{searched_fields[i].var}, .values = {user.values[i]}});
  return cells;
}

xml::Builder plain_item(const FoundUser& user, std::string_view domain) {
  xml::Builder item{"item"};
  item.attr("jid", address_of(user, domain));
  for (const auto& [name, number] : plain_fields) item.child(xml::Builder(name).text(user.values[number]));
  return item;
}

// A table would need its head repeated to be cut in the middle of a row, so rows are left out as a whole.
std::size_t footprint(const FoundUser& user) {
  constexpr std::size_t of_markup = 60 * (searched_fields.size() + 1);
  std::size_t bytes = of_markup + user.user.size();
  for (const std::string& value : user.values) bytes += value.size();
  return bytes;
}

}  // namespace

Directory::Directory(HostType& host, std::string_view domain, VcardStore& store, std::uint32_t matches,
                     const IqProcessing& how)
    : service_(host, domain), store_(store), matches_(std::min(matches, most_rows)) {
  service_.disco.add_identity(IqTarget::server, {"directory", "user", "User directory"});
  service_.iqs.on_get<&Directory::asked_for_fields>(*this, ns::search, IqTarget::server, how);
  service_.iqs.on_set<&Directory::searched>(*this, ns::search, IqTarget::server, how);
  service_.iqs.on_get<&Directory::asked_for_card>(*this, ns::vcard, IqTarget::server, how);
  service_.answer_disco();
}

IqReply Directory::asked_for_fields(const IqRequest& request) {
  if (request.query.name() != "query") return StanzaError::bad_request();
  FormWriter form{FormType::form, {.form_type = ns::search.uri, .title = "User directory", .instructions = advice}};
  form.field({.var = "user", .type = FieldType::text_single, .label = "User"});
  for (const SearchedField& field : searched_fields)
    form.field({.var = std::string{field.var}, .type = FieldType::text_single, .label = std::string{field.label}});
  xml::Builder query{"query", ns::search};
  query.child(xml::Builder("instructions").text(advice));
  for (const auto& [name, number] : plain_fields) query.child(xml::Builder(name));
  return query.child(form.element());
}

Task<IqReply> Directory::searched(const IqRequest& request) {
  if (request.query.name() != "query") co_return StanzaError::bad_request();
  const std::string_view users_of = service_.host.name;
  const auto x = request.query.child("x", ns::data_forms);
  xml::Builder query{"query", ns::search};
  if (!x) {
    const auto found = co_await find(search_in(request.query));
    for (const FoundUser& user : found) query.child(plain_item(user, users_of));
    co_return query;
  }
  const auto form = DataForm::read(*x);
  if (!form) co_return form.error();
  if (form->type() == FormType::cancel) co_return IqReply::empty();
  if (form->type() != FormType::submit) co_return StanzaError::bad_request("a search is a form of the type submit");
  if (!form->form_type().empty() && form->form_type() != ns::search.uri)
    co_return StanzaError::bad_request("this is no form for a search");
  const auto found = co_await find(search_in(*form));
  FormWriter table{FormType::result, {.form_type = ns::search.uri}};
  table.reported(columns());
  for (const FoundUser& user : found) table.item(cells(user, users_of));
  co_return query.child(table.element());
}

Task<std::vector<FoundUser>> Directory::find(Search search) {
  auto found = co_await store_.search(service_.host.name, std::move(search), matches_);
  std::size_t bytes = 0;
  const auto too_much =
      std::ranges::find_if(found, [&](const FoundUser& user) { return (bytes += footprint(user)) > most_bytes; });
  found.erase(too_much, found.end());
  co_return found;
}

IqReply Directory::asked_for_card(const IqRequest& request) {
  if (!request.query.is("vCard", ns::vcard)) return StanzaError::bad_request();
  return xml::Builder("vCard", ns::vcard)
      .child(xml::Builder("FN").text("User directory"))
      .child(xml::Builder("DESC").text(std::string{product_name} + " searches vCards of " + service_.host.name));
}

}  // namespace meerkat
