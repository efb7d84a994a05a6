// SPDX-License-Identifier: Apache-2.0
// Types that options are written in: a number of bytes, and a limit that may be absent.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>

namespace meerkat::config {

// Read from 65536 as well as from "64KB"; one KB is 1024 bytes.
struct Bytes {
  std::uint64_t count = 0;

  friend constexpr bool operator==(Bytes, Bytes) = default;
  friend constexpr auto operator<=>(Bytes, Bytes) = default;
};

struct Infinity {};
inline constexpr Infinity infinity{};

// The most that is allowed, or "infinity".
template <class T>
class Limit {
 public:
  constexpr Limit() = default;
  constexpr Limit(Infinity) {}
  constexpr Limit(T most) : most_(most) {}
  template <class U>
    requires std::convertible_to<U, T>
  constexpr Limit(U most) : most_(T(most)) {}

  constexpr bool is_infinite() const { return !most_.has_value(); }
  constexpr bool allows(const T& value) const { return !most_ || value <= *most_; }
  constexpr T value_or(T otherwise) const { return most_.value_or(otherwise); }
  // Nothing if infinite.
  constexpr const std::optional<T>& most() const { return most_; }

  friend constexpr bool operator==(const Limit&, const Limit&) = default;

 private:
  std::optional<T> most_;
};

}  // namespace meerkat::config
