// SPDX-License-Identifier: Apache-2.0
// Words that say more about an option: at_least(1), mandatory, secret, was_called("old_name"), ...
// In lists, rules about values hold for each element; non_empty and unique for the list (non_empty for its texts, too).
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.h"
#include "config/units.h"

namespace meerkat::config {

struct Rules {
  std::optional<double> least, most;  // for times: in the option's unit
  std::optional<std::chrono::nanoseconds> shortest, longest;
  bool non_empty = false;
  bool unique = false;
  bool mandatory = false;
  bool needs_restart = false;
  bool secret = false;
  bool existing_file = false;
  bool existing_directory = false;
  std::vector<std::string> one_of;  // as TOML writes them
  std::string must_be;              // what `accepts` asks for, such as "an IP address"
  std::function<bool(std::string_view)> accepts;
  std::vector<std::string> older_names, other_names;
  std::string example, unit, names_are = "name";
  std::string was_value;  // what to say of a plain value where there is a table now

  // "at least 1", "not empty", ... for the reference.
  std::vector<std::string> limits() const;
};

using Rule = std::function<void(Rules&)>;

Rule at_least(double number);
Rule at_least(std::chrono::nanoseconds time);
Rule at_least(Bytes size);
Rule at_most(double number);
Rule at_most(std::chrono::nanoseconds time);
Rule at_most(Bytes size);
template <class T>
Rule between(T low, T high) {
  return [low = at_least(low), high = at_most(high)](Rules& rules) {
    low(rules);
    high(rules);
  };
}

// A rule without arguments; mandatory and mandatory() are the same.
struct PlainRule {
  void (*set)(Rules& rules);
  void operator()(Rules& rules) const { set(rules); }
  constexpr PlainRule operator()() const { return *this; }
};

// Neither an empty text, nor an empty list or table.
inline constexpr PlainRule non_empty{[](Rules& rules) { rules.non_empty = true; }};
// No two elements of the list are the same.
inline constexpr PlainRule unique{[](Rules& rules) { rules.unique = true; }};
// Must be written in the file.
inline constexpr PlainRule mandatory{[](Rules& rules) { rules.mandatory = true; }};
// A change takes effect at the next start only.
inline constexpr PlainRule needs_restart{[](Rules& rules) { rules.needs_restart = true; }};
// Never printed: not in messages, not in logs.
inline constexpr PlainRule secret{[](Rules& rules) { rules.secret = true; }};
// A file that can be read now. Relative paths start where the server was started.
inline constexpr PlainRule existing_file{[](Rules& rules) { rules.existing_file = true; }};
inline constexpr PlainRule existing_directory{[](Rules& rules) { rules.existing_directory = true; }};

// The text is `what` says, such as must_be("an IP address", is_ip_address).
Rule must_be(std::string_view what, std::function<bool(std::string_view)> accepts);
// An older key of this option: read with a warning; an error if both are given.
Rule was_called(std::string_view older_name);
// Another key of this option, as good as its own; an error if both are given.
Rule also_called(std::string_view other_name);
// Of a table: it was a plain value once. The sentence says what to write now.
Rule was_a_value(std::string_view sentence);
// As it stands after the equals sign: example("\"example.org\""), example("[5222, 5223]").
Rule example(std::string_view toml);
// What a plain number counts, for the reference: unit("bytes per second").
Rule unit(std::string_view what);
// What the free keys of a table are, for the reference: names_are("tag").
Rule names_are(std::string_view what);

inline std::string as_toml(std::string_view text) { return in_quotes(text); }
inline std::string as_toml(std::integral auto number) { return std::to_string(number); }
Rule one_of_written(std::vector<std::string> toml);
// One of these texts or numbers; an enum does it better.
template <class... T>
Rule one_of(const T&... values) {
  return one_of_written({as_toml(values)...});
}

}  // namespace meerkat::config
