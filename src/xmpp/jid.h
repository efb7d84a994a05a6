// SPDX-License-Identifier: Apache-2.0
// RFC 7622 addresses, node@domain/resource: prepared once, then cheap to copy, compare and hash.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string_view>
#include <utility>

namespace meerkat {

// Why a text is not an address.
enum class JidProblem : std::uint8_t { empty, no_domain, bad_node, bad_domain, bad_resource, too_long };

// The problem as a word for logs, e.g. "bad_node".
std::string_view name_of(JidProblem problem);

// An address. A handle of 8 bytes to an immutable block that holds the prepared text: a copy is one atomic addition, a
// move is free. Views handed out live as long as any copy of this Jid. May cross threads; one handle belongs to one
// thread at a time, like any value.
class Jid {
 public:
  Jid() noexcept = default;
  Jid(const Jid& other) noexcept : block_(other.block_) { keep(); }
  Jid(Jid&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Jid& operator=(const Jid& other) noexcept {
    Jid copy{other};
    std::swap(block_, copy.block_);
    return *this;
  }
  Jid& operator=(Jid&& other) noexcept {
    Jid moved{std::move(other)};
    std::swap(block_, moved.block_);
    return *this;
  }
  ~Jid() { release(); }

  // From text as a peer sent it (RFC 7622 §3.1): the resource begins at the first `/`, the domain behind the first `@`
  // before that. A part that is announced but empty ("@example.net", "example.net/") is a mistake. One allocation, and
  // no second look at the text, when it is ASCII: 55 to 80 ns on the bench; 1.5 to 4 µs through libidn.
  static std::expected<Jid, JidProblem> parse(std::string_view text);

  // From unprepared parts; an empty node or resource means none.
  static std::expected<Jid, JidProblem> make(std::string_view node, std::string_view domain,
                                             std::string_view resource = {});

  // The prepared parts; "" when absent.
  std::string_view node() const noexcept {
    return block_ && block_->domain_at > 0 ? std::string_view{block_->bytes(), block_->domain_at - 1u}
                                           : std::string_view{};
  }
  std::string_view domain() const noexcept { return bare_text().substr(block_ ? block_->domain_at : 0); }
  std::string_view resource() const noexcept { return is_full() ? text().substr(block_->bare_size + 1u) : ""; }

  // The whole address, and the same without its resource. No allocation.
  std::string_view text() const noexcept {
    return block_ ? std::string_view{block_->bytes(), block_->text_size} : std::string_view{};
  }
  std::string_view bare_text() const noexcept {
    return block_ ? std::string_view{block_->bytes(), block_->bare_size} : std::string_view{};
  }

  // Without its resource; shares the block when there is none.
  Jid bare() const;
  // The same bare address with a resource as a peer sent it; an empty one gives the bare address.
  std::expected<Jid, JidProblem> with_resource(std::string_view unprepared) const;

  bool empty() const noexcept { return !block_; }
  explicit operator bool() const noexcept { return block_ != nullptr; }
  bool is_full() const noexcept { return block_ && block_->text_size > block_->bare_size; }
  bool is_bare() const noexcept { return block_ && block_->text_size == block_->bare_size; }
  bool has_node() const noexcept { return block_ && block_->domain_at > 0; }
  // A domain alone: no node, no resource.
  bool is_domain() const noexcept { return is_bare() && block_->domain_at == 0; }

  // keyed_hash(bare_text()), computed when the address was made; decides the home worker. 0 when empty.
  std::uint64_t bare_hash() const noexcept { return block_ ? block_->bare_hash : 0; }
  // keyed_hash(text()): equal to what KeyedHash says of the same text.
  std::uint64_t hash() const;

  bool same_bare(const Jid& other) const noexcept {
    return block_ == other.block_ || (bare_hash() == other.bare_hash() && bare_text() == other.bare_text());
  }
  friend bool operator==(const Jid& a, const Jid& b) noexcept {
    return a.block_ == b.block_ || (a.bare_hash() == b.bare_hash() && a.text() == b.text());
  }
  // By bytes of the text; for ordered containers and stable output.
  friend std::strong_ordering operator<=>(const Jid& a, const Jid& b) noexcept { return a.text() <=> b.text(); }

 private:
  struct Block {
    mutable std::atomic<std::uint32_t> owners{1};
    std::uint16_t domain_at = 0;  // where the domain begins; 0 when there is no node
    std::uint16_t bare_size = 0;
    std::uint16_t text_size = 0;
    std::uint16_t room = 0;  // bytes allocated for the text
    std::uint64_t bare_hash = 0;

    const char* bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  struct Parts;  // where an address is cut, before it is prepared

  explicit Jid(Block* block) noexcept : block_(block) {}
  static Block* new_block(std::size_t room);
  static void free_block(const Block* block) noexcept;
  static std::expected<Jid, JidProblem> prepare(const Parts& parts);
  static Jid prepare_if_ascii(const Parts& parts);
  static Jid put_together(std::string_view node, std::string_view domain, std::string_view resource);
  Jid joined_with(std::string_view prepared_resource) const;
  void keep() const noexcept {
    if (block_) block_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  void release() const noexcept {
    if (block_ && block_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) free_block(block_);
  }

  const Block* block_ = nullptr;
};

static_assert(sizeof(Jid) == 8, "stanzas and session tables are full of them");

// For tables keyed by Jid that are also asked with prepared text.
struct JidHash {
  using is_transparent = void;
  std::size_t operator()(const Jid& jid) const { return jid.hash(); }
  std::size_t operator()(std::string_view text) const;
};
struct JidEqual {
  using is_transparent = void;
  bool operator()(const Jid& a, const Jid& b) const noexcept { return a == b; }
  bool operator()(const Jid& a, std::string_view b) const noexcept { return a.text() == b; }
  bool operator()(std::string_view a, const Jid& b) const noexcept { return a == b.text(); }
};

}  // namespace meerkat

template <>
struct std::hash<meerkat::Jid> {
  std::size_t operator()(const meerkat::Jid& jid) const { return jid.hash(); }
};
