// SPDX-License-Identifier: Apache-2.0
#include "core/audience.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace meerkat {
namespace {

// What one account may cause in a second: beyond it, it is not read for the rest of it. A change of presence each tenth
// of a second, for two thousand contacts.
constexpr std::uint32_t most_told_per_second = 20'000;

constexpr std::uint64_t key_bits = 0x00FF'FFFF'FFFF'FFFF;

}  // namespace

Audience::Audience(std::vector<AccountKey> keys) {
  std::ranges::sort(keys);
  const auto doubled = std::ranges::unique(keys);
  keys.erase(doubled.begin(), doubled.end());
  block_ = block_of(keys);
}

Audience::BlockPtr Audience::block_of(std::span<const AccountKey> sorted) {
  const std::size_t room = sizeof(Block) + sorted.size() * bytes_per_key + 1;
  BlockPtr block{new (::operator new(room)) Block{.size = static_cast<std::uint32_t>(sorted.size())}};
  auto* place = reinterpret_cast<std::byte*>(block.get() + 1);
  for (const AccountKey key : sorted) {
    std::memcpy(place, &key, bytes_per_key);  // little-endian: the lower seven
    place += bytes_per_key;
  }
  *place = {};
  return block;
}

AccountKey Audience::read(const Block& block, std::size_t at) {
  std::uint64_t bits;
  std::memcpy(&bits, block.key(at), sizeof bits);
  return AccountKey{bits & key_bits};
}

std::size_t Audience::place_of(AccountKey key) const {
  std::size_t from = 0;
  std::size_t to = size();
  while (from < to) {
    const std::size_t middle = (from + to) / 2;
    if ((*this)[middle] < key)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

bool Audience::includes(AccountKey key) const {
  const std::size_t place = place_of(key);
  return place < size() && (*this)[place] == key;
}

std::vector<AccountKey> Audience::keys() const {
  std::vector<AccountKey> all(size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = (*this)[i];
  return all;
}

void Audience::add(AccountKey key) {
  if (includes(key)) return;
  std::vector<AccountKey> more = keys();
  more.insert(more.begin() + static_cast<std::ptrdiff_t>(place_of(key)), key);
  block_ = block_of(more);
}

void Audience::remove(AccountKey key) {
  if (!includes(key)) return;
  std::vector<AccountKey> fewer = keys();
  fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(place_of(key)));
  block_ = block_of(fewer);
}

bool Audience::has_enough(std::size_t told, std::uint32_t second) {
  if (!block_) return false;
  if (block_->second != second) block_->told = 0;
  block_->second = second;
  const std::size_t most = std::numeric_limits<std::uint32_t>::max() - block_->told;
  block_->told += static_cast<std::uint32_t>(std::min(told, most));
  return block_->told > most_told_per_second;
}

}  // namespace meerkat
