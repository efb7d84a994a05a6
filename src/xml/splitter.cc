// SPDX-License-Identifier: Apache-2.0
#include "xml/splitter.h"

#include <algorithm>
#include <bit>

#include "xml/marks.h"

namespace meerkat::xml {
namespace {

constexpr bool is_space(unsigned char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Names are the parser's affair; this only has to keep `< ` and `<=` from being taken for tags.
constexpr bool may_start_name(unsigned char c) { return (c | 0x20) - 'a' < 26u || c == '_' || c >= 0x80; }

}  // namespace

// What `step` looks at: the fresh bytes, the block of 64 it is in, and how far it came.
struct Splitter::Window {
  std::string_view bytes;
  std::size_t base = 0;  // of the block
  unsigned at = 0;       // within the block
  unsigned size = 0;     // of the block
  Marks marks{};

  std::size_t position() const { return base + at; }
  unsigned char byte() const { return static_cast<unsigned char>(bytes[base + at]); }

  void load(std::size_t from) {
    base = from;
    at = 0;
    size = static_cast<unsigned>(std::min<std::size_t>(64, bytes.size() - base));
    marks = size == 64 ? marks_of(bytes.data() + base) : marks_of_tail(bytes.data() + base, size);
  }

  // Leaves what is there for the next step; false, because no piece has ended.
  bool pause_at(unsigned there) {
    at = there;
    return false;
  }

  // Goes to the first of the marks, or to the end of the block.
  bool find(std::uint64_t marked) {
    marked >>= at;
    at = marked == 0 ? size : at + static_cast<unsigned>(std::countr_zero(marked));
    return marked != 0;
  }
};

Splitter::Piece Splitter::next(std::string_view fresh, const Limits& limits) {
  if (state_ == State::failed) return failed_piece();
  if (state_ == State::between) {
    if (fresh.empty()) return {Found::more, 0};
    if (is_space(static_cast<unsigned char>(fresh.front()))) return space_before(fresh);
  }
  // Only as many bytes as the limit leaves, so that the verdict does not depend on how the bytes were cut.
  const std::size_t room = limits.bytes > size_ ? limits.bytes - size_ : 0;
  const std::string_view window = fresh.substr(0, room);
  const Piece piece = scan(window, limits);
  if (piece.found == Found::more && size_ >= limits.bytes) {
    fail(Problem::too_large);
    return failed_piece();
  }
  return piece;
}

Splitter::Piece Splitter::space_before(std::string_view fresh) {
  if (phase_ == Phase::start && !restarted_) phase_ = Phase::prolog;  // XML 1.0 §2.8: nothing before the declaration
  const auto end = std::ranges::find_if_not(fresh, [](char c) { return is_space(static_cast<unsigned char>(c)); });
  return {Found::space, static_cast<std::size_t>(end - fresh.begin())};
}

Splitter::Piece Splitter::scan(std::string_view bytes, const Limits& limits) {
  Window window{bytes};
  for (std::size_t base = 0; base < bytes.size(); base += 64) {
    window.load(base);
    while (window.at < window.size) {
      const bool ended = phase_ == Phase::stream && in_markup() ? stride(window, limits) : step(window, limits);
      if (!ended) continue;
      if (state_ == State::failed) return failed_piece();
      size_ = 0;
      state_ = State::between;
      return {found_, window.position()};
    }
  }
  if (bytes.size() >= 2) before_last_ = bytes[bytes.size() - 2];
  if (bytes.size() == 1) before_last_ = last_;
  if (!bytes.empty()) last_ = bytes.back();
  size_ += static_cast<std::uint32_t>(bytes.size());
  return {Found::more, bytes.size()};
}

// The marks of a block that lie ahead, taken one by one.
struct Splitter::Stride {
  Marks marks;
  std::uint64_t ahead;
  std::uint64_t bit = 0;  // the mark it stands at

  bool find(std::uint64_t wanted) {
    wanted &= ahead;
    bit = wanted & -wanted;
    ahead = -bit ^ bit;  // the bits above it
    return wanted != 0;
  }
  bool at(std::uint64_t mark) const { return (bit & mark) != 0; }
  unsigned position() const { return static_cast<unsigned>(std::countr_zero(bit)); }
};

// The states a stanza is nearly always in, walked mark by mark through one block; the state is where we are in the
// code, so that the processor can run ahead. Stops at the end of the block, at the end of the piece, at a problem, and
// before what only `step` knows: CDATA, and `<` as the last byte.
bool Splitter::stride(Window& w, const Limits& limits) {
  Stride s{w.marks, ~std::uint64_t{0} << w.at};
  const char* const block = w.bytes.data() + w.base;
  while (true) {
    if (state_ == State::text) {
      if (!s.find(s.marks.less)) return w.pause_at(w.size);
      const unsigned after = s.position() + 1;
      const unsigned char c = after < w.size ? static_cast<unsigned char>(block[after]) : 0;
      if (!may_start_name(c) && c != '/') {
        state_ = State::opened;
        return w.pause_at(after);
      }
      state_ = c == '/' ? State::end_tag : State::tag;
    }
    if (state_ == State::end_tag) {
      if (!s.find(s.marks.less | s.marks.greater)) return w.pause_at(w.size);
      if (s.at(s.marks.less)) return fail(Problem::not_well_formed);
      if (!end_tag_ends()) continue;
      w.at = s.position() + 1;
      return true;
    }
    if (!stride_through_tag(s)) {
      w.at = w.size;
      return state_ == State::failed;
    }
    w.at = s.position();
    const bool empty = (w.position() > 0 ? w.bytes[w.position() - 1] : last_) == '/';
    ++w.at;
    if (tag_ends(empty, limits)) return true;
  }
}

// From inside a start tag to the `>` that ends it; false at the end of the block and at a problem.
inline bool Splitter::stride_through_tag(Stride& s) {
  const std::uint64_t quotes = s.marks.apostrophe | s.marks.quotation;
  while (true) {
    if (state_ == State::tag) {
      if (!s.find(s.marks.less | s.marks.greater | quotes)) return false;
      if (s.at(s.marks.greater)) return true;
      if (s.at(s.marks.less)) return !fail(Problem::not_well_formed);
      state_ = s.at(s.marks.apostrophe) ? State::quoted : State::double_quoted;
    }
    if (!s.find(s.marks.less | (state_ == State::quoted ? s.marks.apostrophe : s.marks.quotation))) return false;
    if (s.at(s.marks.less)) return !fail(Problem::not_well_formed);
    state_ = State::tag;
  }
}

// Goes to the next place that matters and past it; true when a piece has ended there, or the stream is broken.
bool Splitter::step(Window& w, const Limits& limits) {
  const Marks& marks = w.marks;
  switch (state_) {
    case State::between:
      if (w.byte() != '<')
        return fail(phase_ == Phase::stream ? Problem::text_between_stanzas : Problem::not_well_formed);
      ++w.at;
      state_ = State::opened;
      return false;
    case State::text:
      if (!w.find(marks.less)) return false;
      ++w.at;
      state_ = State::opened;
      return false;
    case State::opened:
      return after_less(static_cast<unsigned char>(w.bytes[w.base + w.at++]));
    case State::tag:
      if (!w.find(marks.less | marks.greater | marks.apostrophe | marks.quotation)) return false;
      return in_tag(w, limits);
    case State::quoted:
    case State::double_quoted:
      if (!w.find(marks.less | (state_ == State::quoted ? marks.apostrophe : marks.quotation))) return false;
      if (w.byte() == '<') return fail(Problem::not_well_formed);
      ++w.at;
      state_ = State::tag;
      return false;
    case State::end_tag:
      if (!w.find(marks.less | marks.greater)) return false;
      if (w.byte() == '<') return fail(Problem::not_well_formed);
      ++w.at;
      return end_tag_ends();
    case State::cdata_opening:
      return match(w, "[CDATA[", State::cdata);
    case State::declaration_opening:
      return match(w, "xml", State::declaration);
    case State::cdata:
    case State::declaration:
      return in_section(w);
    case State::failed:
      return true;
  }
  return fail(Problem::not_well_formed);
}

bool Splitter::after_less(unsigned char c) {
  if (may_start_name(c)) {
    if (phase_ == Phase::after) return fail(Problem::not_well_formed);
    state_ = State::tag;
    return false;
  }
  matched_ = 0;
  if (c == '/') {
    if (depth_ == 0) return fail(Problem::not_well_formed);
    state_ = State::end_tag;
    return false;
  }
  if (c == '!') {
    if (depth_ < 2) return fail(Problem::restricted_xml);
    state_ = State::cdata_opening;
    return false;
  }
  if (c == '?') {
    if (phase_ != Phase::start) return fail(Problem::restricted_xml);
    state_ = State::declaration_opening;
    return false;
  }
  return fail(Problem::not_well_formed);
}

bool Splitter::in_tag(Window& w, const Limits& limits) {
  switch (w.byte()) {
    case '<':
      return fail(Problem::not_well_formed);
    case '\'':
      state_ = State::quoted;
      break;
    case '"':
      state_ = State::double_quoted;
      break;
    default: {
      const bool empty = (w.position() > 0 ? w.bytes[w.position() - 1] : last_) == '/';
      ++w.at;
      return tag_ends(empty, limits);
    }
  }
  ++w.at;
  return false;
}

bool Splitter::tag_ends(bool empty, const Limits& limits) {
  if (phase_ != Phase::stream) {  // a stream that ends as it opens is of no use to anybody
    if (empty) return fail(Problem::not_well_formed);
    phase_ = Phase::stream;
    depth_ = 1;
    return found(Found::open);
  }
  if (depth_ > limits.depth) return fail(Problem::too_deep);
  if (empty && depth_ == 1) return found(Found::element);
  if (!empty) ++depth_;
  state_ = State::text;
  return false;
}

bool Splitter::end_tag_ends() {
  --depth_;
  state_ = State::text;
  if (depth_ == 1) return found(Found::element);
  if (depth_ > 1) return false;
  phase_ = Phase::after;
  return found(Found::close);
}

// Inside CDATA or the XML declaration: looks for ]]> or ?>.
bool Splitter::in_section(Window& w) {
  if (!w.find(w.marks.greater)) return false;
  const std::size_t at = w.position();
  const char one_before = at > 0 ? w.bytes[at - 1] : last_;
  const char two_before = at > 1 ? w.bytes[at - 2] : at == 1 ? last_ : before_last_;
  ++w.at;
  if (state_ == State::declaration) {
    if (one_before != '?') return false;
    phase_ = Phase::prolog;
    return found(Found::declaration);
  }
  if (one_before == ']' && two_before == ']') state_ = State::text;
  return false;
}

// Byte by byte through `literal`; rare enough.
bool Splitter::match(Window& w, std::string_view literal, State then) {
  const char c = w.bytes[w.position()];
  if (matched_ == literal.size()) {  // only for <?xml: a space must follow, or it is some other instruction
    if (!is_space(static_cast<unsigned char>(c))) return fail(Problem::restricted_xml);
    state_ = then;
    return false;
  }
  if (c != literal[matched_]) return fail(Problem::restricted_xml);
  ++w.at;
  ++matched_;
  if (matched_ == literal.size() && then == State::cdata) state_ = then;
  return false;
}

bool Splitter::fail(Problem problem) {
  problem_ = problem;
  state_ = State::failed;
  return true;
}

bool Splitter::found(Found what) {
  found_ = what;
  return true;
}

Splitter::Piece Splitter::failed_piece() { return {Found::problem, 0, problem_}; }

}  // namespace meerkat::xml
