// SPDX-License-Identifier: Apache-2.0
// Passwords and the like, on their way through ordinary strings: where they were, nothing stays.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace meerkat {

// Overwrites a secret and all the room of its string, then empties it. The compiler does not optimise it away.
void wipe(std::string& secret) noexcept;
void wipe(void* bytes, std::size_t count) noexcept;

// A copy that lies on the heap however short it is: moving the string on leaves no copy in the one it came from.
std::string secret_text(std::string_view secret);

// Appends, and wipes what the string leaves behind when it has to grow.
void append_secret(std::string& to, std::string_view more);
// Drops the first `count` bytes, and wipes what the others leave behind when they move up.
void drop_secret_front(std::string& from, std::size_t count) noexcept;

// Wipes the string at the end of a block, however the block ends.
class WipedAtEnd {
 public:
  explicit WipedAtEnd(std::string& secret) : secret_(secret) {}
  ~WipedAtEnd() { wipe(secret_); }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  std::string& secret_;
};

}  // namespace meerkat
