// SPDX-License-Identifier: Apache-2.0
#include "xml/document.h"

#include <doctest/doctest.h>

using namespace meerkat;

TEST_CASE("what was kept as text is an element again") {
  const xml::Document kept{"<vCard xmlns='vcard-temp'><FN>Alice &amp; Co</FN></vCard>"};

  REQUIRE(bool{kept});
  CHECK(kept.root().is("vCard", ns::vcard));
  CHECK(kept.root().child("FN", ns::vcard)->text() == "Alice & Co");
}

TEST_CASE("text that is not exactly one element is none") {
  for (const std::string_view text :
       {"", "text", "<a>", "<a/><b/>", "<a/> ", " <a/>", "<a></b>", "<x:a/>", "<a>&nbsp;</a>", "<!-- --><a/>"}) {
    CAPTURE(text);
    CHECK(!xml::Document{std::string{text}});
  }
}
