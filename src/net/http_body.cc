// SPDX-License-Identifier: Apache-2.0
#include "net/http_body.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/http_head.h"

namespace meerkat {
namespace {

// What chunks may cost beside what they carry: their heads with extensions, the trailer. A chunk of one byte costs 5.
constexpr std::size_t free_overhead = 16 * 1024, overhead_per_byte = 8;
// The head of a chunk, or a line of the trailer.
constexpr std::size_t longest_line = 4 * 1024;

}  // namespace

HttpBody::HttpBody(std::optional<std::uint64_t> length, std::size_t at_most)
    : at_most_(at_most), chunked_(!length), left_(length.value_or(0)) {
  if (left_ > at_most_) state_ = State::too_large;
  if (length == 0u) state_ = State::whole;
  if (!chunked_) step_ = Step::chunk;
}

HttpBody::State HttpBody::read(std::string& bytes) {
  std::size_t read = 0;
  while (state_ == State::more) {
    const std::size_t count = read_some(std::string_view{bytes}.substr(read));
    if (count == 0) break;
    read += count;
  }
  bytes.erase(0, read);
  return state_;
}

// How many bytes; 0 when more are needed, or it is over.
std::size_t HttpBody::read_some(std::string_view bytes) {
  return step_ == Step::chunk ? read_content(bytes) : read_line(bytes);
}

std::size_t HttpBody::read_content(std::string_view bytes) {
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  body_.append(bytes, 0, count);
  left_ -= count;
  if (left_ == 0 && !chunked_) state_ = State::whole;
  if (left_ == 0) step_ = Step::chunk_end;
  return count;
}

std::size_t HttpBody::read_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const bool is_whole = end != std::string_view::npos;
  const std::string_view line = bytes.substr(0, is_whole ? end : bytes.size());
  const std::size_t room = free_overhead + overhead_per_byte * body_.size();
  const bool is_too_long = line.size() > longest_line || overhead_ + line.size() > room;
  if (is_too_long || (is_whole && !line.ends_with('\r'))) {
    state_ = State::malformed;
  } else if (is_whole) {
    overhead_ += line.size() + 1;
    take_line(line.substr(0, line.size() - 1));
    return end + 1;
  }
  return 0;
}

void HttpBody::take_line(std::string_view line) {
  switch (step_) {
    case Step::chunk_head:
      return take_chunk_head(line);
    case Step::trailer:
      // RFC 9110 §6.5.1: what stands there is no header field, and nobody asks for it.
      if (line.empty())
        state_ = State::whole;
      else if (!is_http_field(line))
        state_ = State::malformed;
      return;
    default:
      if (!line.empty()) state_ = State::malformed;
      step_ = Step::chunk_head;
  }
}

void HttpBody::take_chunk_head(std::string_view line) {
  const std::string_view size = line.substr(0, line.find(';'));
  const std::string_view extensions = line.substr(size.size());
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), left_, 16);
  const bool is_huge = error == std::errc::result_out_of_range;
  const bool is_number = (is_huge || error == std::errc{}) && end == size.data() + size.size() && !size.empty();
  if (!is_number || has_http_control(extensions)) {
    state_ = State::malformed;
  } else if (is_huge || left_ > at_most_ - body_.size()) {
    state_ = State::too_large;
  } else {
    step_ = left_ == 0 ? Step::trailer : Step::chunk;
  }
}

}  // namespace meerkat
