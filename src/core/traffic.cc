// SPDX-License-Identifier: Apache-2.0
#include "core/traffic.h"

#include <numeric>

#include "xml/element.h"

namespace meerkat {
namespace {

using enum metrics::Kind;

// From the cells of ElementCount to those of what MongooseIM counts: the kinds overlap there.
void unpack(std::span<const std::uint64_t> packed, std::span<std::uint64_t> measured) {
  const auto of = [&](ElementKind kind) { return packed[static_cast<std::size_t>(kind)]; };
  const std::uint64_t fine = of(ElementKind::message) + of(ElementKind::iq) + of(ElementKind::presence);
  const std::uint64_t errors =
      of(ElementKind::message_error) + of(ElementKind::iq_error) + of(ElementKind::presence_error);
  const std::uint64_t all = fine + errors + of(ElementKind::stream_error) + of(ElementKind::other);
  std::size_t next = 0;
  for (const std::uint64_t count :
       {all, fine + errors, of(ElementKind::message), of(ElementKind::iq), of(ElementKind::presence),
        errors + of(ElementKind::stream_error), of(ElementKind::message_error), of(ElementKind::iq_error),
        of(ElementKind::presence_error)})
    measured[next++] = count;
  for (std::size_t i = 0; i < metrics::Histogram::buckets; ++i)
    measured[next++] = packed[ElementCount::first_bucket + i];
  measured[next] = packed[ElementCount::sum];
}

constexpr metrics::Event elements(std::string_view name, std::string_view sentence) {
  return {.name = name,
          .sentence = sentence,
          .labels = {"connection_type", "host_type"},
          .measurements = {{"count", spiral},
                           {"stanza_count", spiral},
                           {"message_count", spiral},
                           {"iq_count", spiral},
                           {"presence_count", spiral},
                           {"error_count", spiral},
                           {"message_error_count", spiral},
                           {"iq_error_count", spiral},
                           {"presence_error_count", spiral},
                           {"byte_size", histogram}},
          .packing = {ElementCount::first_bucket + metrics::Histogram::buckets, &unpack}};
}
constexpr auto element_in = elements("xmpp_element_in", "An element came in through an XMPP connection.");
constexpr auto element_out = elements("xmpp_element_out", "An element was written to an XMPP connection.");

constexpr metrics::Event data(std::string_view name, std::string_view sentence) {
  return {.name = name, .sentence = sentence, .labels = {"connection_type"}, .measurements = {{"byte_size", spiral}}};
}
constexpr auto tcp_in = data("tcp_data_in", "Bytes came in through connections without TLS.");
constexpr auto tcp_out = data("tcp_data_out", "Bytes left through connections without TLS.");
constexpr auto tls_in = data("tls_data_in", "Bytes came in through connections with TLS, as they were decrypted.");
constexpr auto tls_out = data("tls_data_out", "Bytes left through connections with TLS, before they were encrypted.");

}  // namespace

ElementKind element_kind(const xml::Element& element) {
  if (element.is("error", ns::streams)) return ElementKind::stream_error;
  const auto type = element.attr("type");
  const Whether is_error = type && *type == "error" ? Whether::error : Whether::fine;
  for (const StanzaKind kind : {StanzaKind::message, StanzaKind::presence, StanzaKind::iq})
    if (element.is(name_of(kind), ns::client)) return element_kind(kind, is_error);
  return ElementKind::other;
}

ElementCount::ElementCount(metrics::Registry& registry, Direction direction, std::string_view connection_type,
                           std::string_view host_type)
    : series_(registry, direction == Direction::in ? element_in : element_out, {connection_type, host_type}),
      cells_(series_.packed()) {}

DataTraffic::Bytes::Bytes(metrics::Registry& registry, const metrics::Event& event, std::string_view connection_type)
    : series(registry, event, {connection_type}), bytes(series.spiral("byte_size")) {}

DataTraffic::DataTraffic(metrics::Registry& registry, std::string_view connection_type)
    : in_(registry, tcp_in, connection_type),
      out_(registry, tcp_out, connection_type),
      tls_in_(registry, tls_in, connection_type),
      tls_out_(registry, tls_out, connection_type) {}

}  // namespace meerkat
