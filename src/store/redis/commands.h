// SPDX-License-Identifier: Apache-2.0
// Commands on their way to Redis, written as they are asked for: RESP, an array of bulk strings per command. Arguments
// are any bytes, so nothing in them can become a command.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace meerkat::redis {

class Commands {
 public:
  // Words are texts or numbers: add("SET", key, value, "EX", 60).
  template <class... Words>
    requires(sizeof...(Words) > 0)
  Commands& add(const Words&... words) {
    bytes_.reserve(bytes_.size() + (16 + ... + room_for(words)));
    begin(sizeof...(Words));
    (word(words), ...);
    return *this;
  }
  // A command that is made of a list, as HSET with many fields; not empty.
  Commands& add_list(std::span<const std::string_view> words) {
    begin(words.size());
    for (const std::string_view one : words) word(one);
    return *this;
  }
  // All of the others behind these.
  Commands& append(const Commands& others) {
    bytes_ += others.bytes_;
    count_ += others.count_;
    return *this;
  }

  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  const std::string& bytes() const { return bytes_; }

 private:
  // With the length before a word, and the ends of both lines.
  static std::size_t room_for(std::string_view word) { return word.size() + 16; }
  template <std::integral Number>
  static std::size_t room_for(Number) {
    return 32;
  }
  void begin(std::size_t words) {
    ++count_;
    length('*', words);
  }
  void word(std::string_view text) {
    length('$', text.size());
    bytes_ += text;
    bytes_ += "\r\n";
  }
  template <std::integral Number>
  void word(Number number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    word(std::string_view{digits.data(), end});
  }
  void length(char kind, std::size_t length) {
    std::array<char, 24> line{kind};
    char* const end = std::to_chars(line.data() + 1, line.data() + line.size() - 2, length).ptr;
    end[0] = '\r';
    end[1] = '\n';
    bytes_.append(line.data(), end + 2);
  }

  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace meerkat::redis
