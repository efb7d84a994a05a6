// SPDX-License-Identifier: Apache-2.0
#include "admin/cli/render.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace meerkat::admin;

TEST_CASE("what could steer a terminal is shown, not done") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("red \x1b[31m\n") == "red \\x1b[31m\\x0a");
  CHECK(printable_lines("one\ntwo\x1b\n") == "one\ntwo\\x1b\n");
  CHECK(printable("\xC2\x9B") == "\\x9b");                                  // CSI in one character
  CHECK(printable("a\xE2\x80\xAEtxt") == "a\\u202etxt");                    // text that runs backwards
  CHECK(printable("\xE2\x80\x8B") == "\\u200b");                            // nothing to see
  CHECK(printable("\xff\xC3") == "\\xff\\xc3");                             // no UTF-8
  CHECK(printable("\xC0\x9B\xED\xA0\x80") == "\\xc0\\x9b\\xed\\xa0\\x80");  // overlong, surrogate
  CHECK(printable("J\xC3\xBCrgen \xF0\x9F\x98\x80") == "J\xC3\xBCrgen \xF0\x9F\x98\x80");
}

TEST_CASE("wide characters count twice and marks not at all") {
  CHECK(width_of("abc") == 3);
  CHECK(width_of("\xC3\xBC") == 1);
  CHECK(width_of("\xE6\x97\xA5\xE6\x9C\xAC") == 4);  // two characters of Japanese
  CHECK(width_of("\xF0\x9F\x98\x80") == 2);          // an emoji
  CHECK(width_of("u\xCC\x88") == 1);                 // u and a diaeresis
}

TEST_CASE("values are shown for people") {
  CHECK(shown(true, ColumnType::yes_no) == "yes");
  CHECK(shown({}, ColumnType::text) == "-");
  CHECK(shown(std::int64_t{59}, ColumnType::duration) == "59 s");
  CHECK(shown(std::int64_t{90061}, ColumnType::duration) == "1 d 1 h");
  CHECK(shown(std::int64_t{1'500'000}, ColumnType::bytes) == "1.5 MB");
  CHECK(shown(std::vector<std::string>{"a", "b\x07"}, ColumnType::texts) == "a, b\\x07");
}

TEST_CASE("columns are as wide as what is in them") {
  std::ostringstream out;
  TablePrinter printer{out, {{"name", ColumnType::text}, {"sessions", ColumnType::number}, {"why", ColumnType::text}}};

  printer.add(std::vector<Row>{{std::string{"alice"}, std::int64_t{7}, std::string{"x"}}});
  printer.add(std::vector<Row>{{std::string{"\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"}, std::int64_t{1000}, {}}});
  printer.end();

  CHECK(out.str() ==
        "name    sessions  why\n"
        "alice          7  x\n"
        "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E      1000  -\n");
}

TEST_CASE("a long table is printed while it comes") {
  std::ostringstream out;
  TablePrinter printer{out, {{"number", ColumnType::number}}};

  for (int i = 0; i < 1500; ++i) printer.add(std::vector<Row>{{std::int64_t{i}}});

  CHECK(out.str().find("  1499\n") != std::string::npos);
}
