// SPDX-License-Identifier: Apache-2.0
#include "xmpp/date_time.h"

#include <doctest/doctest.h>

using namespace meerkat;
using namespace std::chrono_literals;

namespace {

constexpr WallTime moment = std::chrono::sys_days{2024y / 5 / 6} + 7h + 8min + 9s + 123456789ns;

}  // namespace

TEST_CASE("a moment is written in UTC with as much of a second as asked for") {
  CHECK(date_time(moment) == "2024-05-06T07:08:09Z");
  CHECK(date_time(moment, Fraction::milliseconds) == "2024-05-06T07:08:09.123Z");
  CHECK(date_time(moment, Fraction::microseconds) == "2024-05-06T07:08:09.123456Z");
  CHECK(date_time(WallTime{}, Fraction::milliseconds) == "1970-01-01T00:00:00.000Z");
  CHECK(date_time(WallTime{} - 1ms, Fraction::milliseconds) == "1969-12-31T23:59:59.999Z");
  CHECK(date_time(WallTime::max()) == "2262-04-11T23:47:16Z");
}

TEST_CASE("what was written is read") {
  CHECK(parse_date_time(date_time(moment, Fraction::microseconds)) ==
        std::chrono::floor<std::chrono::microseconds>(moment));
  CHECK(parse_date_time("2024-05-06T07:08:09.123456789Z") == moment);
  CHECK(parse_date_time("2024-05-06T07:08:09.1234567899999Z") == moment);
  CHECK(parse_date_time("2024-05-06T07:08:09.5Z") == std::chrono::floor<std::chrono::seconds>(moment) + 500ms);
}

TEST_CASE("an offset is taken away") {
  CHECK(parse_date_time("1969-07-20T21:56:15-05:00") == parse_date_time("1969-07-21T02:56:15Z"));
  CHECK(parse_date_time("2024-01-01T00:30:00+01:00") == parse_date_time("2023-12-31T23:30:00Z"));
}

TEST_CASE("leap days are read in leap years only") {
  CHECK(parse_date_time("2024-02-29T00:00:00Z"));
  CHECK(!parse_date_time("2023-02-29T00:00:00Z"));
  CHECK(!parse_date_time("2100-02-29T00:00:00Z"));
}

TEST_CASE("what the clock cannot hold becomes its first or last second") {
  CHECK(date_time(*parse_date_time("0001-01-01T00:00:00Z")).starts_with("1677-09-21"));
  CHECK(date_time(*parse_date_time("9999-12-31T23:59:59.999Z")).starts_with("2262-04-11"));
}

TEST_CASE("anything but a DateTime is refused") {
  for (const char* bad : {"",
                          "2024",
                          "2024-05-06",
                          "2024-05-06T07:08:09",
                          "2024-05-06t07:08:09Z",
                          "2024-05-06T07:08:09z",
                          "2024-05-06 07:08:09Z",
                          "2024-5-6T07:08:09Z",
                          "24-05-06T07:08:09Z",
                          "2024-13-06T07:08:09Z",
                          "2024-00-06T07:08:09Z",
                          "2024-05-32T07:08:09Z",
                          "2024-05-00T07:08:09Z",
                          "2024-05-06T24:00:00Z",
                          "2024-05-06T07:60:09Z",
                          "2024-05-06T07:08:60Z",
                          "2024-05-06T07:08Z",
                          "2024-05-06T07:08:09.Z",
                          "2024-05-06T07:08:09,5Z",
                          "2024-05-06T07:08:09ZZ",
                          "2024-05-06T07:08:09Z ",
                          " 2024-05-06T07:08:09Z",
                          "2024-05-06T07:08:09+1:00",
                          "2024-05-06T07:08:09+0100",
                          "2024-05-06T07:08:09+24:00",
                          "2024-05-06T07:08:09+01:60",
                          "2024-05-06T07:08:09+",
                          "20240506T07:08:09",
                          "+2024-05-06T07:08:09Z",
                          "-2024-05-06T07:08:09Z",
                          "2024-05-06T-7:08:09Z",
                          "2024-05-06T07:08:09.5",
                          "2024-05-06T07:08:09.-5Z"}) {
    CAPTURE(bad);
    CHECK(!parse_date_time(bad));
  }
}
