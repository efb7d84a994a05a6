// SPDX-License-Identifier: Apache-2.0
#include "xmpp/entity_caps.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace meerkat {
namespace {

std::string attribute(const xml::Element& of, std::string_view name) {
  const auto value = of.attr(name);
  return value ? value->str() : std::string{};
}

std::string lang_of(const xml::Element& identity, std::string_view otherwise) {
  const auto lang = identity.attr("lang", ns::xml);
  return lang ? lang->str() : std::string{otherwise};
}

struct FormField {
  std::string var;
  bool hidden = false;
  std::vector<std::string> values;

  bool names_the_form() const { return var == "FORM_TYPE"; }
};

std::vector<FormField> fields_of(const xml::Element& form) {
  std::vector<FormField> fields;
  for (const xml::Element field : form.children()) {
    if (!field.is("field", ns::data_forms)) continue;
    FormField& read = fields.emplace_back(attribute(field, "var"), attribute(field, "type") == "hidden");
    for (const xml::Element value : field.children())
      if (value.is("value", ns::data_forms)) read.values.push_back(value.text());
  }
  return fields;
}

template <class T>
bool has_twice(const std::vector<T>& sorted) {
  return std::ranges::adjacent_find(sorted) != sorted.end();
}

// XEP-0115: each part ends with '<', and the parts of an identity stand between '/'.
class Text115 {
 public:
  bool add(std::string_view part) {
    if (part.contains('<')) return false;
    text += part;
    text += '<';
    return true;
  }
  std::string text;
};

bool add_identities(Text115& out, const xml::Element& query) {
  std::vector<std::tuple<std::string, std::string, std::string, std::string>> all;
  for (const xml::Element child : query.children())
    if (child.is("identity", ns::disco_info))
      all.emplace_back(attribute(child, "category"), attribute(child, "type"), lang_of(child, {}),
                       attribute(child, "name"));
  std::ranges::sort(all);
  if (all.empty() || has_twice(all)) return false;
  for (const auto& [category, type, lang, name] : all) {
    if (category.contains('/') || type.contains('/') || lang.contains('/')) return false;
    std::string line = category;
    for (const std::string* const word : {&type, &lang, &name}) line.append("/").append(*word);
    if (!out.add(line)) return false;
  }
  return true;
}

bool add_features(Text115& out, const xml::Element& query) {
  std::vector<std::string> all;
  for (const xml::Element child : query.children())
    if (child.is("feature", ns::disco_info)) all.push_back(attribute(child, "var"));
  std::ranges::sort(all);
  if (has_twice(all)) return false;
  return std::ranges::all_of(all, [&](const std::string& feature) { return out.add(feature); });
}

struct Form115 {
  std::string type;
  std::vector<FormField> fields;
};

// XEP-0115 §5.4: forms without a hidden FORM_TYPE are left out; one with several types spoils everything.
bool read_form(const xml::Element& form, std::vector<Form115>& into) {
  std::vector<FormField> fields = fields_of(form);
  const auto type = std::ranges::find_if(fields, &FormField::names_the_form);
  if (type == fields.end() || !type->hidden || type->values.empty()) return true;
  if (std::ranges::any_of(type->values, [&](const std::string& value) { return value != type->values.front(); }))
    return false;
  std::string name = type->values.front();
  std::erase_if(fields, [](const FormField& field) { return field.names_the_form(); });
  std::ranges::sort(fields, {}, &FormField::var);
  for (FormField& field : fields) std::ranges::sort(field.values);
  into.push_back({std::move(name), std::move(fields)});
  return true;
}

bool add_forms(Text115& out, const xml::Element& query) {
  std::vector<Form115> forms;
  for (const xml::Element child : query.children())
    if (child.is("x", ns::data_forms) && !read_form(child, forms)) return false;
  std::ranges::sort(forms, {}, &Form115::type);
  if (std::ranges::adjacent_find(forms, {}, &Form115::type) != forms.end()) return false;
  for (const Form115& form : forms) {
    if (!out.add(form.type)) return false;
    for (const FormField& field : form.fields) {
      if (!out.add(field.var)) return false;
      for (const std::string& value : field.values)
        if (!out.add(value)) return false;
    }
  }
  return true;
}

// XEP-0390: separators that no XML can contain.
constexpr char after_section = '\x1c', after_form = '\x1d', after_group = '\x1e', after_text = '\x1f';

std::string joined(std::vector<std::string> parts, char end) {
  std::ranges::sort(parts);
  std::string all;
  for (const std::string& part : parts) all += part;
  all += end;
  return all;
}

std::string group_of_identity(const xml::Element& identity, std::string_view lang) {
  std::string group;
  for (const std::string& part : {attribute(identity, "category"), attribute(identity, "type"), lang_of(identity, lang),
                                  attribute(identity, "name")}) {
    group += part;
    group += after_text;
  }
  return group + after_group;
}

// Nothing when the form is none of XEP-0128.
std::optional<std::string> text_of_form(const xml::Element& form) {
  if (form.child("reported", ns::data_forms) || form.child("item", ns::data_forms)) return std::nullopt;
  std::vector<std::string> groups;
  bool named = false;
  for (const FormField& field : fields_of(form)) {
    named = named || (field.names_the_form() && field.values.size() == 1);
    std::vector<std::string> values;
    values.reserve(field.values.size());
    for (const std::string& value : field.values) values.push_back(value + after_text);
    groups.push_back(field.var + after_text + joined(std::move(values), after_group));
  }
  if (!named) return std::nullopt;
  return joined(std::move(groups), after_form);
}

}  // namespace

std::optional<std::string> caps_text(const xml::Element& query) {
  Text115 out;
  if (!add_identities(out, query) || !add_features(out, query) || !add_forms(out, query)) return std::nullopt;
  return std::move(out.text);
}

std::optional<std::string> caps2_text(const xml::Element& query, std::string_view lang) {
  std::vector<std::string> features, identities, forms;
  for (const xml::Element child : query.children()) {
    if (child.is("feature", ns::disco_info)) {
      features.push_back(attribute(child, "var") + after_text);
    } else if (child.is("identity", ns::disco_info)) {
      identities.push_back(group_of_identity(child, lang));
    } else if (child.is("x", ns::data_forms)) {
      auto text = text_of_form(child);
      if (!text) return std::nullopt;
      forms.push_back(std::move(*text));
    } else {
      return std::nullopt;
    }
  }
  return joined(std::move(features), after_section) + joined(std::move(identities), after_section) +
         joined(std::move(forms), after_section);
}

}  // namespace meerkat
