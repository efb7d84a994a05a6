// SPDX-License-Identifier: Apache-2.0
#include "config/json_schema.h"

#include <limits>
#include <span>

#include <fmt/format.h>

#include "base/json_text.h"

namespace meerkat::config {
namespace {

// Members of a JSON object, in order.
class Members {
 public:
  void add(std::string_view name, std::string_view json) {
    text_ += fmt::format("{}{}: {}", text_.empty() ? "" : ", ", json_string(name), json);
  }
  void add_text(std::string_view name, std::string_view text) { add(name, json_string(text)); }
  void add_all(std::string_view members) {
    if (!members.empty()) text_ += (text_.empty() ? "" : ", ") + std::string{members};
  }
  const std::string& members() const { return text_; }
  std::string object() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

std::string list_of(std::span<const std::string> jsons) { return fmt::format("[{}]", fmt::join(jsons, ", ")); }

// Numbers that are written as such, or as text with a unit.
std::string with_unit(std::string_view pattern) {
  return fmt::format(R"("anyOf": [{{"type": "integer", "minimum": 0}}, {{"type": "string", "pattern": {}}}])",
                     json_string(pattern));
}

void add_number_rules(Members& members, const Shape& shape, const Rules& rules) {
  if (rules.least)
    members.add("minimum", fmt::format("{:.15g}", *rules.least));
  else if (shape.kind == Shape::Kind::integer && shape.lowest > std::numeric_limits<std::int32_t>::min())
    members.add("minimum", std::to_string(shape.lowest));
  if (rules.most)
    members.add("maximum", fmt::format("{:.15g}", *rules.most));
  else if (shape.kind == Shape::Kind::integer && shape.highest <= std::numeric_limits<std::uint32_t>::max())
    members.add("maximum", std::to_string(shape.highest));
}

std::string finite_shape(const Shape& shape, const Rules& rules);
std::string shape_members(const Shape& shape, const Rules& rules) {
  if (!shape.may_be_infinite) return finite_shape(shape, rules);
  return fmt::format(R"("anyOf": [{{{}}}, {{"const": "infinity"}}])", finite_shape(shape, rules));
}

std::string list_shape(const Shape& shape, const Rules& rules) {
  Rules of_elements = rules;
  of_elements.non_empty = of_elements.unique = false;
  Members members;
  members.add_text("type", "array");
  if (shape.element) members.add("items", "{" + shape_members(*shape.element, of_elements) + "}");
  if (rules.non_empty) members.add("minItems", "1");
  if (rules.unique) members.add("uniqueItems", "true");
  return members.members();
}

std::string text_shape(const Rules& rules) {
  Members members;
  members.add_text("type", "string");
  if (rules.non_empty) members.add("minLength", "1");
  // As TOML and as JSON write them is the same for words and numbers.
  if (!rules.one_of.empty()) members.add("enum", list_of(rules.one_of));
  return members.members();
}

std::string word_shape(const Shape& shape) {
  std::vector<std::string> words;
  words.reserve(shape.words.size());
  for (const EnumName& word : shape.words) words.push_back(json_string(word.name));
  return fmt::format(R"("enum": {})", list_of(words));
}

// The members of a schema, without the braces.
std::string finite_shape(const Shape& shape, const Rules& rules) {
  Members members;
  switch (shape.kind) {
    case Shape::Kind::boolean:
      return R"("type": "boolean")";
    case Shape::Kind::integer:
      members.add_text("type", "integer");
      add_number_rules(members, shape, rules);
      if (!rules.one_of.empty()) members.add("enum", list_of(rules.one_of));
      return members.members();
    case Shape::Kind::floating:
      members.add_text("type", "number");
      add_number_rules(members, shape, rules);
      return members.members();
    case Shape::Kind::text:
    case Shape::Kind::path:
      return text_shape(rules);
    case Shape::Kind::word:
      return word_shape(shape);
    case Shape::Kind::duration:
      return with_unit("^[0-9]+ ?(ns|us|ms|s|min|m|h|d)$");
    case Shape::Kind::size:
      return with_unit("^[0-9]+ ?([KkMmGgTt]i?)?[Bb]$");
    case Shape::Kind::list:
      return list_shape(shape, rules);
    case Shape::Kind::map:
      return fmt::format(R"("type": "object", "additionalProperties": {{{}}})",
                         shape.element ? shape_members(*shape.element, Rules{}) : std::string{});
    case Shape::Kind::any:
      return shape.called.contains("number") ? R"("type": ["integer", "string"])" : std::string{};
  }
  return {};
}

// As TOML and as JSON write the default, where that is the same; empty if not.
std::string default_of(const Option& option, const void* defaults) {
  const Rules& rules = option.rules;
  const bool none = option.kind != Option::Kind::value || rules.mandatory || rules.secret || defaults == nullptr;
  if (none || option.shape.kind == Shape::Kind::map || option.shape.kind == Shape::Kind::any) return {};
  return option.print(static_cast<const char*>(defaults) + option.offset);
}

std::string definition(std::string_view key) { return json_string(fmt::format("#/definitions/{}", key)); }

std::string value_schema(const Option& option, const void* defaults, std::string_view elsewhere) {
  Members members;
  members.add_text("description", option.sentence);
  if (option.kind == Option::Kind::ignored) return members.object();
  if (option.key == elsewhere) {
    members.add("allOf", fmt::format(R"([{{"$ref": {}}}])", definition(elsewhere)));
    return members.object();
  }
  members.add_all(shape_members(option.shape, option.rules));
  if (const std::string standard = default_of(option, defaults); !standard.empty()) members.add("default", standard);
  return members.object();
}

std::string table_schema(const Spec& spec, const void* defaults, std::string_view elsewhere);

std::string nested_schema(const Option& option, const void* defaults, std::string_view elsewhere) {
  const bool in_place = option.kind == Option::Kind::section && !option.optional && defaults != nullptr;
  const void* const own = in_place ? static_cast<const char*>(defaults) + option.offset : option.inner->defaults();
  std::string table = table_schema(*option.inner, own, elsewhere);
  std::string list = fmt::format(R"({{"type": "array", "items": {}}})", table);
  switch (option.kind) {
    case Option::Kind::list:
      return list;
    case Option::Kind::map:
      return fmt::format(R"({{"type": "object", "additionalProperties": {}}})", table);
    case Option::Kind::map_of_lists:
      return fmt::format(R"({{"type": "object", "additionalProperties": {}}})", list);
    default:
      return table;
  }
}

// One of several names must be there.
std::string any_required(std::span<const std::string> names) {
  std::vector<std::string> any;
  for (const std::string& name : names) any.push_back(fmt::format(R"({{"required": [{}]}})", json_string(name)));
  return fmt::format(R"({{"anyOf": {}}})", list_of(any));
}

std::string table_schema(const Spec& spec, const void* defaults, std::string_view elsewhere) {
  Members properties;
  std::vector<std::string> required, choices;
  for (const std::string& key : spec.keys()) {
    const Option& option = *spec.find(key);
    if (option.kind == Option::Kind::refused) continue;
    const std::string schema =
        option.inner ? nested_schema(option, defaults, elsewhere) : value_schema(option, defaults, elsewhere);
    std::vector<std::string> names{key};
    names.insert(names.end(), option.rules.other_names.begin(), option.rules.other_names.end());
    names.insert(names.end(), option.rules.older_names.begin(), option.rules.older_names.end());
    for (const std::string& name : names) properties.add(name, schema);
    if (!option.rules.mandatory) continue;
    if (names.size() == 1)
      required.push_back(json_string(key));
    else
      choices.push_back(any_required(names));
  }
  Members object;
  object.add_text("type", "object");
  object.add_text("description", spec.sentence());
  object.add("properties", properties.object());
  object.add("additionalProperties", "false");
  if (!required.empty()) object.add("required", list_of(required));
  if (!choices.empty()) object.add("allOf", list_of(choices));
  return object.object();
}

std::string schema_of(const DescribedElsewhere& elsewhere) {
  Members properties;
  for (const auto& [name, spec] : elsewhere.tables)
    properties.add(name, spec ? table_schema(*spec, spec->defaults(), elsewhere.key)
                              : R"({"type": "object", "description": "Accepted with a warning; has no effect."})");
  Members object;
  object.add_text("type", "object");
  object.add("properties", properties.object());
  object.add("additionalProperties", "false");
  return object.object();
}

}  // namespace

std::string json_schema(const Spec& root, const DescribedElsewhere& elsewhere) {
  Members definitions;
  definitions.add(elsewhere.key, schema_of(elsewhere));
  const std::string schema = table_schema(root, root.defaults(), elsewhere.key);
  return fmt::format("{{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"definitions\": {}, {}\n",
                     definitions.object(), std::string_view{schema}.substr(1));
}

}  // namespace meerkat::config
