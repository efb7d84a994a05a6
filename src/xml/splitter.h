// SPDX-License-Identifier: Apache-2.0
// Finds where the pieces of a stream end, resumable at any byte; looks at each byte once. RFC 6120 §4, §11.
// It cuts, the parser judges: a piece may still be ill-formed inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "xml/limits.h"
#include "xml/problem.h"

namespace meerkat::xml {

// The scanning state of one stream, owned by that stream and used on its worker only; all an idle stream keeps.
class Splitter {
 public:
  enum class Found : std::uint8_t {
    more,         // all input eaten, the piece is incomplete
    space,        // white space between pieces; may be dropped
    declaration,  // <?xml ... ?>
    open,         // the stream's opening tag
    element,      // a complete top-level child of the stream
    close,        // the stream's end tag, of whatever name: Parser::check_close compares
    problem,      // and every later call tells the same, until `restart`
  };

  struct Piece {
    Found found;
    std::size_t consumed;  // bytes of `fresh` up to and including the piece's last byte
    Problem problem = Problem::none;
  };

  // Scans bytes that were never scanned before. A piece's first byte is wherever the previous piece ended; the caller
  // keeps the earlier bytes of an incomplete piece. Reads nothing outside `fresh`. A piece longer than `limits.bytes`
  // is a problem as soon as that is certain.
  Piece next(std::string_view fresh, const Limits& limits);

  // True when no piece has begun: no bytes need to be kept.
  bool between_pieces() const { return state_ == State::between; }

  // A new stream is expected in the same connection (after STARTTLS or SASL). White space before its XML declaration
  // is let through then, because it may have been sent as the end of the old stream.
  void restart() {
    *this = Splitter{};
    restarted_ = true;
  }

 private:
  enum class State : std::uint8_t {
    between,
    text,
    opened,  // after <
    tag,
    quoted,         // inside '...'
    double_quoted,  // inside "..."
    end_tag,
    cdata_opening,
    cdata,
    declaration_opening,
    declaration,
    failed,
  };
  enum class Phase : std::uint8_t { start, prolog, stream, after };
  struct Window;
  struct Stride;

  Piece space_before(std::string_view fresh);
  Piece scan(std::string_view window, const Limits& limits);
  bool in_markup() const { return state_ >= State::text && state_ <= State::end_tag && state_ != State::opened; }
  bool stride(Window& window, const Limits& limits);
  bool stride_through_tag(Stride& stride);
  bool step(Window& window, const Limits& limits);
  bool after_less(unsigned char c);
  bool in_tag(Window& window, const Limits& limits);
  bool tag_ends(bool empty, const Limits& limits);
  bool end_tag_ends();
  bool in_section(Window& window);
  bool match(Window& window, std::string_view literal, State then);
  bool fail(Problem problem);
  bool found(Found what);
  Piece failed_piece();

  std::uint32_t size_ = 0;   // bytes of the piece so far
  std::uint32_t depth_ = 0;  // open elements, the stream included
  State state_ = State::between;
  Phase phase_ = Phase::start;
  Problem problem_ = Problem::none;
  Found found_ = Found::more;
  std::uint8_t matched_ = 0;  // of a literal
  bool restarted_ = false;
  char last_ = 0, before_last_ = 0;  // the last bytes of the previous call
};

static_assert(sizeof(Splitter) <= 32, "a million idle streams keep one each");
static_assert(std::is_trivially_copyable_v<Splitter>);

}  // namespace meerkat::xml
