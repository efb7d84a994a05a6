// SPDX-License-Identifier: Apache-2.0
// What Redis answers (RESP2), as a value.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace meerkat::redis {

// Redis takes the caller to be mistaken: a wrong type, an unknown command, no permission. Asking again is of no use.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  // The first word: WRONGTYPE, NOSCRIPT, NOPERM, ERR…
  std::string_view code() const;
};

// The answer is of another kind than its reader takes for granted.
class UnexpectedReply : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Reply {
 public:
  struct Error {
    std::string words;
    friend bool operator==(const Error&, const Error&) = default;
  };
  using Array = std::vector<Reply>;
  using Content = std::variant<std::monostate, std::int64_t, std::string, Array, Error>;

  Reply() = default;
  explicit Reply(Content content) : content_(std::move(content)) {}

  const Content& content() const { return content_; }
  Content& content() { return content_; }

  bool is_nil() const { return std::holds_alternative<std::monostate>(content_); }
  // The words of an error, null if it is none.
  const std::string* error() const;

  // What the reply is; throw UnexpectedReply when it is something else, and Refused when it is an error.
  std::int64_t number() const;
  const std::string& text() const;  // also of a status such as OK
  std::string& text();
  std::optional<std::string> perhaps_text() const;  // nothing for nil
  const Array& array() const;
  Array& array();
  std::vector<std::string> texts() const;  // of an array

  friend bool operator==(const Reply&, const Reply&) = default;

 private:
  [[noreturn]] void is_no(std::string_view expected) const;

  Content content_;
};

using Replies = std::vector<Reply>;

}  // namespace meerkat::redis
