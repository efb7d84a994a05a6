// SPDX-License-Identifier: Apache-2.0
// What passes through XMPP connections, counted: elements by kind and size, and bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/metrics/registry.h"
#include "xmpp/stanza.h"

namespace meerkat {

// What an element is counted as.
enum class ElementKind : std::uint8_t {
  other,  // a feature, SASL, stream management …
  stream_error,
  message,
  message_error,
  iq,
  iq_error,
  presence,
  presence_error,
};

enum class Whether : bool { fine, error };
constexpr ElementKind element_kind(StanzaKind kind, Whether is_error) {
  const bool error = is_error == Whether::error;
  if (kind == StanzaKind::message) return error ? ElementKind::message_error : ElementKind::message;
  if (kind == StanzaKind::iq) return error ? ElementKind::iq_error : ElementKind::iq;
  return error ? ElementKind::presence_error : ElementKind::presence;
}
constexpr ElementKind element_kind(const Stanza& stanza) {
  return element_kind(stanza.kind, stanza.type == StanzaType::error ? Whether::error : Whether::fine);
}
// Of whatever a client may say.
ElementKind element_kind(const xml::Element& element);

// The elements that pass in one direction through connections of a type ("c2s"), of a host type; or before it is known
// (empty). Stream headers and their ends are no elements. One for each worker that counts.
class ElementCount {
 public:
  enum class Direction : bool { in, out };
  ElementCount(metrics::Registry& registry, Direction direction, std::string_view connection_type,
               std::string_view host_type);

  // `size` in bytes, as it is in the stream. 4 ns on the bench.
  void add(ElementKind kind, std::size_t size) const noexcept {
    using metrics::Histogram;
    const auto bucket = static_cast<metrics::Slot>(Histogram::bucket_of(size));
    cells_.add<3>({{{static_cast<metrics::Slot>(kind), 1}, {first_bucket + bucket, 1}, {sum, size}}});
  }

  static constexpr metrics::Slot kinds = 8;
  static constexpr metrics::Slot sum = kinds;
  static constexpr metrics::Slot first_bucket = sum + 1;

 private:
  const metrics::Series series_;
  const metrics::PackedCells cells_;
};

struct ElementTraffic {
  ElementTraffic(metrics::Registry& registry, std::string_view connection_type, std::string_view host_type)
      : in(registry, ElementCount::Direction::in, connection_type, host_type),
        out(registry, ElementCount::Direction::out, connection_type, host_type) {}

  const ElementCount in;
  const ElementCount out;
};

// The bytes of XMPP in connections of a type: under TLS those that were decrypted, or will be encrypted.
class DataTraffic {
 public:
  DataTraffic(metrics::Registry& registry, std::string_view connection_type);

  enum class Secured : bool { no, yes };
  void received(std::size_t bytes, Secured secured) const noexcept {
    (secured == Secured::yes ? tls_in_ : in_).add(bytes);
  }
  void sent(std::size_t bytes, Secured secured) const noexcept {
    (secured == Secured::yes ? tls_out_ : out_).add(bytes);
  }

 private:
  struct Bytes {
    Bytes(metrics::Registry& registry, const metrics::Event& event, std::string_view connection_type);
    void add(std::size_t more) const noexcept { bytes.add(more); }
    metrics::Series series;
    metrics::Spiral bytes;
  };
  const Bytes in_, out_, tls_in_, tls_out_;
};

}  // namespace meerkat
