// SPDX-License-Identifier: Apache-2.0
// Objects of one type in chunks: no header per object, and what is freed is used again first.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace meerkat {

// Belongs to one worker. All objects must be gone before the slab is.
template <class T, std::size_t per_chunk = 64>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  template <class... Arguments>
  T* make(Arguments&&... arguments) {
    if (free_ == nullptr) grow();
    Place* const place = free_;
    free_ = place->next;
    try {
      return new (place->bytes) T(std::forward<Arguments>(arguments)...);
    } catch (...) {
      place->next = free_;
      free_ = place;
      throw;
    }
  }

  void free(T* object) noexcept {
    object->~T();
    auto* const place = reinterpret_cast<Place*>(object);
    place->next = free_;
    free_ = place;
  }

 private:
  union Place {
    Place* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };

  void grow() {
    chunks_.push_back(std::make_unique<Place[]>(per_chunk));
    for (std::size_t i = per_chunk; i-- > 0;) {
      chunks_.back()[i].next = free_;
      free_ = &chunks_.back()[i];
    }
  }

  Place* free_ = nullptr;
  std::vector<std::unique_ptr<Place[]>> chunks_;
};

}  // namespace meerkat
