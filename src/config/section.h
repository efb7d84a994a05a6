// SPDX-License-Identifier: Apache-2.0
// (long on purpose: one method for each kind of entry)
// Describes the table of a configuration file that fills an options struct. The struct holds types and defaults, the
// section keys, sentences and limits; from these come the parser, its messages, the reference and the example file.
//
//   Section<LastOptions>{"modules.mod_last", "Remembers when each user was last here."}
//       .option("backend", &LastOptions::backend, "Where the times are kept.")
//       .option("limit", &LastOptions::limit, "How many are kept.", at_least(1), was_called("max"))
//
// Member pointers are of the options struct itself, not of a base class; use include() for what structs share.
#pragma once

#include <concepts>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/codec.h"
#include "config/spec.h"

namespace meerkat::config {

template <class T>
bool read_field(const Node& node, void* field, const Reading& reading) {
  auto value = Codec<T>::read(node, reading);
  if (value) *static_cast<T*>(field) = std::move(*value);
  return value.has_value();
}

template <class T>
std::string print_field(const void* field) {
  return Codec<T>::print(*static_cast<const T*>(field));
}

template <class T>
void clear_field(void* field) {
  *static_cast<T*>(field) = T{};
}

template <class Options>
class Section {
 public:
  using type = Options;

  Section(std::string_view path, std::string_view sentence, Options defaults = {})
      : defaults_(std::make_shared<const Options>(std::move(defaults))), spec_(path, sentence, defaults_) {}

  // A value; T has a Codec. Absent, it keeps its default.
  template <class T, std::convertible_to<Rule>... Words>
  Section& option(std::string_view key, T Options::* member, std::string_view sentence, Words&&... words) {
    Option option = described(Option::Kind::value, key, sentence, member);
    option.read = &read_field<T>;
    option.print = &print_field<T>;
    option.shape = Codec<T>::shape();
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // A nested table. Absent, its options keep the defaults that this struct has for them.
  template <class Sub, std::convertible_to<Rule>... Words>
  Section& section(std::string_view key, Sub Options::* member, const Section<Sub>& inner, Words&&... words) {
    Option option = nested(Option::Kind::section, key, member, inner);
    option.open = [](void* field, const std::string&, const void*) { return field; };
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // A nested table. Absent, there is nothing; present, it starts from the defaults of `inner`.
  template <class Sub, std::convertible_to<Rule>... Words>
  Section& section(std::string_view key, std::optional<Sub> Options::* member, const Section<Sub>& inner,
                   Words&&... words) {
    Option option = nested(Option::Kind::section, key, member, inner);
    option.optional = true;
    option.open = [](void* field, const std::string&, const void* defaults) -> void* {
      return &static_cast<std::optional<Sub>*>(field)->emplace(*static_cast<const Sub*>(defaults));
    };
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // Tables under one name: [[listen.c2s]].
  template <class Sub, std::convertible_to<Rule>... Words>
  Section& list(std::string_view key, std::vector<Sub> Options::* member, const Section<Sub>& inner, Words&&... words) {
    Option option = nested(Option::Kind::list, key, member, inner);
    option.open = [](void* field, const std::string&, const void* defaults) -> void* {
      return &static_cast<std::vector<Sub>*>(field)->emplace_back(*static_cast<const Sub*>(defaults));
    };
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // Tables under free names: [shaper.normal].
  template <class Sub, std::convertible_to<Rule>... Words>
  Section& map(std::string_view key, std::map<std::string, Sub> Options::* member, const Section<Sub>& inner,
               Words&&... words) {
    Option option = nested(Option::Kind::map, key, member, inner);
    option.open = [](void* field, const std::string& name, const void* defaults) -> void* {
      auto& fields = *static_cast<std::map<std::string, Sub>*>(field);
      return &fields.insert_or_assign(name, *static_cast<const Sub*>(defaults)).first->second;
    };
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // Lists of tables under free names: [[acl.admin]], or acl.admin = [{user = "a"}, {user = "b"}].
  template <class Sub, std::convertible_to<Rule>... Words>
  Section& map(std::string_view key, std::map<std::string, std::vector<Sub>> Options::* member,
               const Section<Sub>& inner, Words&&... words) {
    Option option = nested(Option::Kind::map_of_lists, key, member, inner);
    option.open = [](void* field, const std::string& name, const void* defaults) -> void* {
      auto& fields = *static_cast<std::map<std::string, std::vector<Sub>>*>(field);
      std::vector<Sub>& list = fields[name];
      return defaults == nullptr ? nullptr : &list.emplace_back(*static_cast<const Sub*>(defaults));
    };
    return add(std::move(option), {std::forward<Words>(words)...});
  }

  // Tables of one kind among several, which fill one vector together: [[listen.http.handlers.KIND]]. `open` appends one
  // that starts from the defaults of `inner`, and returns what `inner` describes.
  template <class T>
  Section& kind(std::string_view key, std::vector<T> Options::* member, std::shared_ptr<const Spec> inner,
                void* (*open)(void* vector, const std::string& key, const void* defaults)) {
    Option option = described(Option::Kind::list, key, inner->sentence(), member);
    option.clear = [](void*) {};  // the others stay
    option.inner = std::move(inner);
    option.open = open;
    return add(std::move(option), {});
  }

  // The options of a part of this struct, at the same level of the file: what all listeners have in common.
  template <class Part>
  Section& include(Part Options::* member, const Section<Part>& part) {
    spec_.include(part.spec(), offset_of(member));
    return *this;
  }

  // Known, accepted with one warning, without effect. The sentence says what replaces it.
  Section& ignored(std::string_view key, std::string_view sentence) {
    return add_known(Option::Kind::ignored, key, sentence);
  }
  // Known, and an error: it stands in the wrong table. The sentence says where it belongs.
  Section& refused(std::string_view key, std::string_view sentence) {
    return add_known(Option::Kind::refused, key, sentence);
  }

  // A rule over several options; asked only if the table and all that is nested in it could be read.
  template <std::invocable<const Options&, Checker&> Check>
  Section& check(Check check) {
    spec_.add(
        [check](const void* options, Checker& checker) { check(*static_cast<const Options*>(options), checker); });
    return *this;
  }

  // Reports all problems. The answer is of use only if there were no errors. Null stands for an absent table.
  Options read(const Node* table, Problems& problems) const { return read(table, problems, spec_.path()); }
  // The same at another path, such as host_config[0].modules.mod_last.
  Options read(const Node* table, Problems& problems, const std::string& path) const {
    Options options = *defaults_;
    spec_.read(table, table == nullptr ? Place{} : table->place(), path, &options, problems);
    return options;
  }

  // For the reference: the section, then its options, then what is nested, all with their path.
  std::vector<OptionDescription> describe() const {
    std::vector<OptionDescription> descriptions;
    spec_.describe(spec_.path(), defaults_.get(), descriptions);
    return descriptions;
  }

  const Spec& spec() const { return spec_; }

 private:
  template <class T>
  std::ptrdiff_t offset_of(T Options::* member) const {
    const Options& object = *defaults_;
    return reinterpret_cast<const char*>(&(object.*member)) - reinterpret_cast<const char*>(&object);
  }

  template <class T>
  Option described(Option::Kind kind, std::string_view key, std::string_view sentence, T Options::* member) const {
    Option option;
    option.kind = kind;
    option.key = key;
    option.sentence = sentence;
    option.offset = offset_of(member);
    return option;
  }

  template <class T, class Sub>
  Option nested(Option::Kind kind, std::string_view key, T Options::* member, const Section<Sub>& inner) const {
    Option option = described(kind, key, inner.spec().sentence(), member);
    option.clear = &clear_field<T>;
    option.inner = std::make_shared<const Spec>(inner.spec());
    return option;
  }

  Section& add_known(Option::Kind kind, std::string_view key, std::string_view sentence) {
    Option option;
    option.kind = kind;
    option.key = key;
    option.sentence = sentence;
    return add(std::move(option), {});
  }

  Section& add(Option option, std::initializer_list<Rule> rules) {
    spec_.add(std::move(option), {rules.begin(), rules.size()});
    return *this;
  }

  std::shared_ptr<const Options> defaults_;
  Spec spec_;
};

}  // namespace meerkat::config
