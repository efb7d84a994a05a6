// SPDX-License-Identifier: Apache-2.0
#include "xml/index.h"

#include <cstring>
#include <functional>
#include <new>

#include "xml/namespaces.h"

namespace meerkat::xml {
namespace {

// A foreign URI usually stands in the bytes; one that the stream header declared does not.
bool lies_in(std::string_view uri, const Index& index) {
  return std::less_equal<>{}(index.bytes, uri.data()) &&
         std::less_equal<>{}(uri.data() + uri.size(), index.bytes + index.size);
}

template <class T>
std::span<const T> place(std::span<const T> items, char*& at) {
  T* const first = reinterpret_cast<T*>(at);
  if (!items.empty()) std::memcpy(at, items.data(), items.size_bytes());
  at += items.size_bytes();
  return {first, items.size()};
}

}  // namespace

std::string_view Index::uri_of(std::uint16_t number) const {
  if ((number & foreign_bit) != 0) return foreign[number & ~foreign_bit].uri;
  return namespace_with_id(number).uri;
}

std::size_t Index::bytes_needed() const {
  std::size_t total = foreign.size_bytes() + nodes.size_bytes() + attrs.size_bytes() + size;
  for (const ForeignNamespace& each : foreign)
    if (!lies_in(each.uri, *this)) total += each.uri.size();
  return total;
}

Index Index::copy_to(void* memory) const {
  char* at = static_cast<char*>(memory);
  auto* const new_foreign = reinterpret_cast<ForeignNamespace*>(at);
  at += foreign.size_bytes();
  Index copy = *this;
  copy.nodes = place(nodes, at);
  copy.attrs = place(attrs, at);
  copy.bytes = at;
  if (size != 0) std::memcpy(at, bytes, size);
  at += size;
  for (std::size_t i = 0; i < foreign.size(); ++i) {
    const std::string_view uri = foreign[i].uri;
    const char* const there = lies_in(uri, *this) ? copy.bytes + (uri.data() - bytes) : at;
    if (there == at && !uri.empty()) std::memcpy(at, uri.data(), uri.size());
    if (there == at) at += uri.size();
    new (new_foreign + i) ForeignNamespace{{there, uri.size()}};
  }
  copy.foreign = {new_foreign, foreign.size()};
  return copy;
}

}  // namespace meerkat::xml
