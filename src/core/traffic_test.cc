// SPDX-License-Identifier: Apache-2.0
#include "core/traffic.h"

#include <doctest/doctest.h>

#include <vector>

#include "core/test_metrics.h"
#include "xml/parser.h"

using namespace meerkat;

namespace {

ElementKind kind_of(std::string_view text) {
  xml::Parser parser;
  const auto index = parser.parse(text, xml::StreamScope::client(), xml::Limits::none());
  REQUIRE(index.has_value());
  return element_kind(xml::Element{*index});
}

}  // namespace

TEST_CASE("each kind of element is counted by itself and in all sums that it belongs to") {
  struct Row {
    ElementKind kind;
    std::vector<std::string_view> counted;
  };
  const std::vector<Row> rows{
      {ElementKind::other, {"count"}},
      {ElementKind::stream_error, {"count", "error_count"}},
      {ElementKind::message, {"count", "stanza_count", "message_count"}},
      {ElementKind::message_error, {"count", "stanza_count", "error_count", "message_error_count"}},
      {ElementKind::iq, {"count", "stanza_count", "iq_count"}},
      {ElementKind::iq_error, {"count", "stanza_count", "error_count", "iq_error_count"}},
      {ElementKind::presence, {"count", "stanza_count", "presence_count"}},
      {ElementKind::presence_error, {"count", "stanza_count", "error_count", "presence_error_count"}}};
  const std::vector<std::string_view> all{"count",
                                          "stanza_count",
                                          "message_count",
                                          "iq_count",
                                          "presence_count",
                                          "error_count",
                                          "message_error_count",
                                          "iq_error_count",
                                          "presence_error_count"};

  for (const Row& row : rows) {
    metrics::Registry registry;
    const ElementTraffic traffic{registry, "c2s", "localhost"};
    traffic.out.add(row.kind, 100);
    traffic.out.add(row.kind, 28);

    for (const std::string_view measurement : all) {
      CAPTURE(measurement);
      const bool is_counted = std::ranges::find(row.counted, measurement) != row.counted.end();
      CHECK(counted(registry, "xmpp_element_out", measurement) == (is_counted ? 2 : 0));
      CHECK(counted(registry, "xmpp_element_in", measurement) == 0);
    }
    CHECK(times_recorded(registry, "xmpp_element_out", "byte_size") == 2);
    CHECK(recorded(registry, "xmpp_element_out", "byte_size") == 128);
  }
}

TEST_CASE("the size of an element is in the bucket whose limit it does not exceed") {
  metrics::Registry registry;
  const ElementTraffic traffic{registry, "c2s", ""};

  traffic.in.add(ElementKind::message, 128);
  traffic.in.add(ElementKind::iq, 129);

  for (const metrics::SeriesReading& series : registry.read()) {
    if (series.event.name != "xmpp_element_in") continue;
    const auto& sizes = std::get<metrics::Distribution>(series.readings.back());
    CHECK(sizes.in_bucket[7] == 1);
    CHECK(sizes.in_bucket[8] == 1);
    CHECK(series.labels == std::vector<std::string>{"c2s", ""});
  }
}

TEST_CASE("what a client says is counted by its name, its namespace and whether it is an error") {
  CHECK(kind_of("<message/>") == ElementKind::message);
  CHECK(kind_of("<message type='chat'/>") == ElementKind::message);
  CHECK(kind_of("<message type='error'/>") == ElementKind::message_error);
  CHECK(kind_of("<presence type='unavailable'/>") == ElementKind::presence);
  CHECK(kind_of("<presence type='error'/>") == ElementKind::presence_error);
  CHECK(kind_of("<iq type='get'/>") == ElementKind::iq);
  CHECK(kind_of("<iq type='error'/>") == ElementKind::iq_error);
  CHECK(kind_of("<message xmlns='urn:example'/>") == ElementKind::other);
  CHECK(kind_of("<r xmlns='urn:xmpp:sm:3'/>") == ElementKind::other);
  CHECK(kind_of("<stream:error/>") == ElementKind::stream_error);
  CHECK(kind_of("<error/>") == ElementKind::other);
}

TEST_CASE("bytes are counted by direction, and whether TLS hides them") {
  metrics::Registry registry;
  const DataTraffic data{registry, "c2s"};

  data.received(1, DataTraffic::Secured::no);
  data.received(10, DataTraffic::Secured::yes);
  data.sent(100, DataTraffic::Secured::no);
  data.sent(1000, DataTraffic::Secured::yes);

  CHECK(counted(registry, "tcp_data_in", "byte_size", "c2s") == 1);
  CHECK(counted(registry, "tls_data_in", "byte_size", "c2s") == 10);
  CHECK(counted(registry, "tcp_data_out", "byte_size", "c2s") == 100);
  CHECK(counted(registry, "tls_data_out", "byte_size", "c2s") == 1000);
}
