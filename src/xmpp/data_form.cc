// SPDX-License-Identifier: Apache-2.0
#include "xmpp/data_form.h"

#include <algorithm>
#include <utility>

namespace meerkat {
namespace {

constexpr std::pair<FormType, std::string_view> form_types[] = {
    {FormType::form, "form"}, {FormType::submit, "submit"}, {FormType::cancel, "cancel"}, {FormType::result, "result"}};

constexpr std::pair<FieldType, std::string_view> field_types[] = {{FieldType::boolean, "boolean"},
                                                                  {FieldType::fixed, "fixed"},
                                                                  {FieldType::hidden, "hidden"},
                                                                  {FieldType::jid_multi, "jid-multi"},
                                                                  {FieldType::jid_single, "jid-single"},
                                                                  {FieldType::list_multi, "list-multi"},
                                                                  {FieldType::list_single, "list-single"},
                                                                  {FieldType::text_multi, "text-multi"},
                                                                  {FieldType::text_private, "text-private"},
                                                                  {FieldType::text_single, "text-single"}};

template <class Type, std::size_t count>
std::string_view word_of(const std::pair<Type, std::string_view> (&known)[count], Type type) {
  return std::ranges::find(known, type, &std::pair<Type, std::string_view>::first)->second;
}

template <class Type, std::size_t count>
std::optional<Type> type_of(const std::pair<Type, std::string_view> (&known)[count], const xml::Text& word) {
  for (const auto& [type, name] : known)
    if (word == name) return type;
  return std::nullopt;
}

xml::Builder written(const FormField& field) {
  xml::Builder element{"field"};
  if (!field.var.empty()) element.attr("var", field.var);
  if (field.type) element.attr("type", name_of(*field.type));
  if (!field.label.empty()) element.attr("label", field.label);
  if (!field.description.empty()) element.child(xml::Builder("desc").text(field.description));
  if (field.is_required) element.child(xml::Builder("required"));
  for (const std::string& value : field.values) element.child(xml::Builder("value").text(value));
  for (const FormOption& option : field.options)
    element.child(xml::Builder("option").attr("label", option.label).child(xml::Builder("value").text(option.value)));
  return element;
}

xml::Builder written(std::string_view name, std::span<const FormField> fields) {
  xml::Builder element{name};
  for (const FormField& field : fields) element.child(written(field));
  return element;
}

}  // namespace

std::string_view name_of(FormType type) { return word_of(form_types, type); }
std::string_view name_of(FieldType type) { return word_of(field_types, type); }

std::expected<DataForm, StanzaError> DataForm::read(const xml::Element& x) {
  if (!x.is("x", ns::data_forms))
    return std::unexpected(StanzaError::bad_request("a form is an <x/> of jabber:x:data"));
  const auto word = x.attr("type");
  const auto type = word ? type_of(form_types, *word) : std::nullopt;
  if (!type) return std::unexpected(StanzaError::bad_request("the type of a form is form, submit, cancel or result"));
  DataForm form{*type};
  std::size_t values = 0;
  for (const xml::Element child : x.children()) {
    if (!child.is("field", ns::data_forms)) continue;
    if (auto wrong = form.read_field(child, values)) return std::unexpected(std::move(*wrong));
  }
  return form;
}

std::optional<StanzaError> DataForm::read_field(const xml::Element& element, std::size_t& values) {
  const auto var = element.attr("var");
  const auto type = element.attr("type");
  // §3.2: a field that only tells something needs no name.
  if (!var) {
    if (type && *type == "fixed") return std::nullopt;
    return StanzaError::bad_request("each field of a form has a var");
  }
  FormField field{.var = var->str()};
  if (find(field.var) != nullptr) return StanzaError::bad_request("the form has a field twice: " + field.var);
  if (fields_.size() == most_fields) return StanzaError::not_acceptable("the form has too many fields");
  if (type) field.type = type_of(field_types, *type).value_or(FieldType::text_single);
  for (const xml::Element child : element.children()) {
    if (!child.is("value", ns::data_forms)) continue;
    if (++values > most_values) return StanzaError::not_acceptable("the form has too many values");
    field.values.push_back(child.text());
  }
  fields_.push_back(std::move(field));
  return std::nullopt;
}

const FormField* DataForm::find(std::string_view var) const {
  const auto found = std::ranges::find(fields_, var, &FormField::var);
  return found == fields_.end() ? nullptr : &*found;
}

std::span<const std::string> DataForm::values(std::string_view var) const {
  const FormField* const field = find(var);
  return field != nullptr ? std::span<const std::string>{field->values} : std::span<const std::string>{};
}

std::optional<std::string_view> DataForm::value(std::string_view var) const {
  const auto all = values(var);
  return all.empty() ? std::nullopt : std::optional<std::string_view>{all.front()};
}

std::optional<bool> DataForm::boolean(std::string_view var) const {
  const auto said = value(var);
  if (said == "1" || said == "true") return true;
  if (said == "0" || said == "false") return false;
  return std::nullopt;
}

FormWriter::FormWriter(FormType type, const FormHead& head) : form_("x", ns::data_forms) {
  form_.attr("type", name_of(type));
  if (!head.title.empty()) form_.child(xml::Builder("title").text(head.title));
  if (!head.instructions.empty()) form_.child(xml::Builder("instructions").text(head.instructions));
  if (head.form_type.empty()) return;
  field({.var = "FORM_TYPE", .type = FieldType::hidden, .values = {std::string{head.form_type}}});
}

FormWriter& FormWriter::field(const FormField& field) {
  form_.child(written(field));
  return *this;
}

FormWriter& FormWriter::reported(std::span<const FormField> columns) {
  form_.child(written("reported", columns));
  return *this;
}

FormWriter& FormWriter::item(std::span<const FormField> cells) {
  form_.child(written("item", cells));
  return *this;
}

}  // namespace meerkat
