// SPDX-License-Identifier: Apache-2.0
// Who sees the presence of an account: its contacts with a subscription of "from" or "both" (RFC 6121 §4.2.2), in as
// few bytes as will do, for every account that is online has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "xmpp/jid.h"

namespace meerkat {

// What an account is found by without its name: 56 of the 64 bits of the keyed hash of its bare address. Among ten
// million accounts with fifty contacts each, one mistake is to be expected in fourteen starts of the server, and nobody
// can bring it about.
enum class AccountKey : std::uint64_t {};

inline AccountKey key_of(const Jid& address) { return AccountKey{address.bare_hash() >> 8}; }
// As Workers::home_of wants it; the missing bits do not matter there.
inline std::uint64_t hash_of(AccountKey key) { return static_cast<std::uint64_t>(key) << 8; }

// A pointer of 8 bytes to one block with 7 bytes for each account. Lives with its account, on one worker.
class Audience {
 public:
  Audience() = default;
  // In any order, also repeatedly.
  explicit Audience(std::vector<AccountKey> keys);

  // False until somebody has asked for the contacts: nobody is told anything so far.
  bool known() const { return block_ != nullptr; }
  std::size_t size() const { return block_ ? block_->size : 0; }
  bool includes(AccountKey key) const;
  // All of them, sorted, so that those who live on the same worker stand together.
  std::vector<AccountKey> keys() const;
  AccountKey operator[](std::size_t at) const { return read(*block_, at); }

  void add(AccountKey key);
  void remove(AccountKey key);

  // Counts how many were told something or asked in this second; true when it is so much that the account should wait.
  bool has_enough(std::size_t told, std::uint32_t second);

 private:
  static constexpr std::size_t bytes_per_key = 7;
  struct Block {
    std::uint32_t size = 0;
    std::uint32_t second = 0;
    std::uint32_t told = 0;
    // Here follow the keys, and one byte more, so that eight can be read everywhere.
    const std::byte* key(std::size_t at) const {
      return reinterpret_cast<const std::byte*>(this + 1) + at * bytes_per_key;
    }
  };
  struct Free {
    void operator()(Block* block) const noexcept { ::operator delete(block); }
  };
  using BlockPtr = std::unique_ptr<Block, Free>;

  static BlockPtr block_of(std::span<const AccountKey> sorted);
  static AccountKey read(const Block& block, std::size_t at);
  std::size_t place_of(AccountKey key) const;

  BlockPtr block_;
};

static_assert(sizeof(Audience) == 8, "every account has one");

}  // namespace meerkat
