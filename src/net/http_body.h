// SPDX-License-Identifier: Apache-2.0
// The body of a request, by its length or in chunks (RFC 9112 §6.2, §7.1), kept to a bound. Ours, not Beast's: 1.74
// ends the program over a trailer that comes slowly, where its assertions are on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace meerkat {

class HttpBody {
 public:
  // Without a length it comes in chunks.
  HttpBody(std::optional<std::uint64_t> length, std::size_t at_most);

  enum class State : std::uint8_t { more, whole, malformed, too_large };
  State state() const { return state_; }
  // Goes as far as it can, and takes away from `bytes` what it has read.
  State read(std::string& bytes);

  std::size_t size() const { return body_.size(); }
  std::string take() { return std::move(body_); }

 private:
  enum class Step : std::uint8_t { chunk_head, chunk, chunk_end, trailer };

  std::size_t read_some(std::string_view bytes);
  std::size_t read_line(std::string_view bytes);
  std::size_t read_content(std::string_view bytes);
  void take_line(std::string_view line);
  void take_chunk_head(std::string_view line);

  const std::size_t at_most_;
  const bool chunked_;
  State state_ = State::more;
  Step step_ = Step::chunk_head;
  std::uint64_t left_ = 0;    // of the chunk, or of the whole
  std::size_t overhead_ = 0;  // bytes that are not content
  std::string body_;
};

}  // namespace meerkat
