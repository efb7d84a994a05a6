// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "xml/builder.h"
#include "xml/parser.h"
#include "xml/splitter.h"
#include "xml/writer.h"

using namespace meerkat;
using namespace meerkat::xml;

TEST_CASE("a builder's element is read back") {
  const std::string bytes =
      Builder("iq").attr("id", 7).child(Builder("query", ns::last).attr("seconds", "1&'2").text("a<b")).str();
  Parser parser;

  const auto index = parser.parse(bytes, StreamScope::client(), {});

  REQUIRE(index);
  const Element iq{*index};
  CHECK(iq.is("iq", ns::client));
  const auto query = iq.child("query", ns::last);
  REQUIRE(query);
  CHECK(*query->attr("seconds") == "1&'2");
  CHECK(query->text() == "a<b");
}
