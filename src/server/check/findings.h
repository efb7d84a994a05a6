// SPDX-License-Identifier: Apache-2.0
// What `meerkat check` has found: each a grade, what it is about, and a sentence that says what to do.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meerkat {

// The numbers are the exit codes of `meerkat check`.
enum class Grade { ok = 0, warning = 1, error = 2 };

struct Finding {
  Grade grade;
  std::string subject;  // "configuration", "certificate", "port", …
  std::string text;

  friend bool operator==(const Finding&, const Finding&) = default;
};

// The same finding twice is kept once.
class Findings {
 public:
  void ok(std::string_view subject, std::string text) { add(Grade::ok, subject, std::move(text)); }
  void warn(std::string_view subject, std::string text) { add(Grade::warning, subject, std::move(text)); }
  void fail(std::string_view subject, std::string text) { add(Grade::error, subject, std::move(text)); }

  std::span<const Finding> all() const { return findings_; }
  Grade worst() const;

  // A line for each, for people; an object with a list, for programs.
  std::string table() const;
  std::string json() const;

 private:
  void add(Grade grade, std::string_view subject, std::string text);

  std::vector<Finding> findings_;
};

}  // namespace meerkat
