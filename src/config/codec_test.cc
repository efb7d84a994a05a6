// SPDX-License-Identifier: Apache-2.0
// Single values: what each type reads, and what it says about everything else.
#include <doctest/doctest.h>

#include "config/codec.h"
#include "config/duration.h"
#include "config/sample_server.h"
#include "config/toml_reader.h"

using namespace meerkat::config;
using namespace std::chrono_literals;

namespace {

template <class T>
struct Outcome {
  std::optional<T> value;
  std::string complaint;  // the message alone
};

template <class T>
Outcome<T> read(std::string_view toml, std::initializer_list<Rule> rules = {}) {
  Problems problems;
  Rules all;
  for (const Rule& rule : rules) rule(all);
  const auto root = read_toml("x = " + std::string{toml}, "t.toml", problems);
  REQUIRE_MESSAGE(root.has_value(), problems.report());
  Outcome<T> outcome{Codec<T>::read(*root->find("x"), Reading{problems, "x", all}), {}};
  if (!problems.all().empty()) outcome.complaint = problems.all().front().message;
  return outcome;
}

template <class T>
std::string complaint(std::string_view toml, std::initializer_list<Rule> rules = {}) {
  return read<T>(toml, rules).complaint;
}

}  // namespace

TEST_CASE("values of the right kind are read") {
  CHECK(read<bool>("true").value == true);
  CHECK(read<int>("-5").value == -5);
  CHECK(read<double>("0.25").value == 0.25);
  CHECK(read<double>("2").value == 2.0);
  CHECK(read<std::string>("\"text\"").value == "text");
  CHECK(read<std::filesystem::path>("\"priv/cert.pem\"").value == "priv/cert.pem");
  CHECK(read<sample::Backend>("\"rdbms\"").value == sample::Backend::rdbms);
  CHECK(read<std::optional<int>>("7").value == std::optional<std::optional<int>>{7});
  CHECK(read<std::vector<int>>("[1, 2]").value == std::vector{1, 2});
  CHECK(read<std::map<std::string, int>>("{a = 1, b = 2}").value == std::map<std::string, int>{{"a", 1}, {"b", 2}});
}

TEST_CASE("an enum is read from older words as well, and prints the first") {
  CHECK(read<sample::Backend>("\"mnesia\"").value == sample::Backend::embedded);
  CHECK(Codec<sample::Backend>::print(sample::Backend::embedded) == "\"embedded\"");
}

TEST_CASE("a time is a number of the option's unit, or text with a unit") {
  CHECK(read<std::chrono::seconds>("600").value == 600s);
  CHECK(read<std::chrono::milliseconds>("2000").value == 2s);
  CHECK(read<std::chrono::milliseconds>("\"10s\"").value == 10s);
  CHECK(read<std::chrono::seconds>("\"5min\"").value == 300s);
  CHECK(read<std::chrono::seconds>("\"2 h\"").value == 2h);
  CHECK(read<std::chrono::hours>("\"7d\"").value == 168h);
}

TEST_CASE("a time that is no time is refused with what to write") {
  CHECK(complaint<std::chrono::seconds>("\"soon\"") ==
        "expected a time, as seconds or with a unit (\"500ms\", \"10s\", \"5min\", \"2h\", \"7d\"), found \"soon\"");
  CHECK(complaint<std::chrono::seconds>("true") ==
        "expected a time, as seconds or with a unit (\"10s\"), found true or false");
  CHECK(complaint<std::chrono::seconds>("-1") == "a time cannot be negative, found -1");
  CHECK(complaint<std::chrono::seconds>("\"1500ms\"") == "must be whole seconds, found \"1500ms\"");
  CHECK(complaint<std::chrono::seconds>("9999999999999") == "9999999999999 seconds are longer than 292 years");
  CHECK(complaint<std::chrono::seconds>("\"5s\"", {at_least(10s)}) == "must be at least \"10s\", found \"5s\"");
  CHECK(complaint<std::chrono::milliseconds>("90000", {at_most(1min)}) == "must be at most \"1min\", found 90000");
  CHECK(complaint<std::chrono::seconds>("0", {at_least(1)}) == "must be at least 1, found 0");
}

TEST_CASE("a size is a number of bytes, or text with a unit") {
  CHECK(read<Bytes>("65536").value == Bytes{65536});
  CHECK(read<Bytes>("\"256KB\"").value == Bytes{262144});
  CHECK(read<Bytes>("\"1 MiB\"").value == Bytes{1 << 20});
  CHECK(complaint<Bytes>("\"many\"") ==
        "expected a size, in bytes or with a unit (\"64KB\", \"10MB\"), found \"many\"");
  CHECK(complaint<Bytes>("-1") == "a size cannot be negative, found -1");
  CHECK(complaint<Bytes>("\"1KB\"", {at_least(Bytes{2048})}) == "must be at least 2048, found \"1KB\"");
  CHECK(complaint<Bytes>("\"9000000000TB\"").starts_with("expected a size"));
}

TEST_CASE("infinity is read where a limit may be absent, and nowhere else") {
  CHECK(read<Limit<int>>("\"infinity\"").value == Limit<int>{infinity});
  CHECK(read<Limit<std::chrono::seconds>>("\"infinity\"", {at_most(5)}).value->is_infinite());
  CHECK(read<Limit<int>>("5").value == Limit<int>{5});
  CHECK(complaint<int>("\"infinity\"") == "expected a whole number, found a string");
}

TEST_CASE("a value of another kind is named") {
  CHECK(complaint<int>("\"many\"") == "expected a whole number, found a string");
  CHECK(complaint<int>("\"12\"") == "expected a whole number, found a string — write 12 without quotation marks");
  CHECK(complaint<int>("1.5") == "expected a whole number, found a number with a fraction");
  CHECK(complaint<bool>("1") == "expected true or false, found a whole number");
  CHECK(complaint<bool>("\"true\"") == "expected true or false, found a string — write true without quotation marks");
  CHECK(complaint<std::string>("[1]") == "expected a string, found a list");
  CHECK(complaint<std::string>("1979-05-27") == "expected a string, found a date or time");
  CHECK(complaint<std::vector<int>>("1") == "expected a list, found a whole number — write [1] with brackets");
  CHECK(complaint<std::map<std::string, int>>("1") == "expected a table, found a whole number");
  CHECK(complaint<double>("nan") == "expected a number, found nan");
  CHECK(complaint<sample::Backend>("1") == "expected one of \"embedded\", \"rdbms\", found a whole number");
}

TEST_CASE("a number beyond its type is refused") {
  CHECK(complaint<std::uint16_t>("65536") == "must be at most 65535, found 65536");
  CHECK(complaint<std::uint64_t>("-1") == "must be at least 0, found -1");
  CHECK(complaint<std::int8_t>("-129") == "must be at least -128, found -129");
}

TEST_CASE("the elements of a list are judged one by one") {
  CHECK(complaint<std::vector<int>>("[4, 5]", {one_of(4, 6)}) == "5 is not one of 4, 6");
  CHECK(complaint<std::vector<int>>("[]", {non_empty}) == "must not be empty");
  CHECK(complaint<std::vector<std::string>>("[\"a\", \"b\", \"a\"]", {unique}) == "\"a\" is given twice");
}

TEST_CASE("rules about texts say what is wrong") {
  CHECK(complaint<std::string>("\"\"", {non_empty}) == "must not be empty");
  CHECK(complaint<std::string>("\"al\"", {one_of("all", "none")}) ==
        "\"al\" is not one of \"all\", \"none\" — did you mean \"all\"?");
  CHECK(complaint<std::string>("\"x\"", {must_be("an IP address", sample::is_address)}) ==
        "\"x\" is not an IP address");
}

TEST_CASE("files and directories must exist where that was asked for") {
  CHECK(read<std::string>("\"/etc/passwd\"", {existing_file}).complaint.empty());
  CHECK(read<std::string>("\"/etc\"", {existing_directory}).complaint.empty());
  CHECK(complaint<std::string>("\"/nowhere/x.pem\"", {existing_file}) == "there is no file \"/nowhere/x.pem\"");
  CHECK(complaint<std::string>("\"nowhere/x.pem\"", {existing_file}) ==
        "there is no file \"nowhere/x.pem\" — a relative path starts where the server is started");
  CHECK(complaint<std::string>("\"/etc\"", {existing_file}) == "\"/etc\" is a directory, not a file");
  CHECK(complaint<std::string>("\"/etc/passwd\"", {existing_directory}) ==
        "\"/etc/passwd\" is a file, not a directory");
}

TEST_CASE("a secret is not repeated in what is said about it") {
  CHECK(complaint<std::string>("\"hunter2\"", {secret, one_of("a")}) == "the value is not one of \"a\"");
  CHECK(complaint<int>("\"12\"", {secret}) == "expected a whole number, found a string");
}

TEST_CASE("a long value is cut off between two characters") {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "é";
  const std::string said = complaint<std::string>("\"a" + text + "\"", {one_of("b")});
  CHECK(said.starts_with("\"aé"));
  CHECK(said.ends_with("é…\" is not one of \"b\""));
}

TEST_CASE("times print in the largest unit that fits") {
  CHECK(to_text(90s) == "90s");
  CHECK(to_text(2min) == "2min");
  CHECK(to_text(0s) == "0s");
  CHECK(to_text(48h) == "2d");
}

TEST_CASE("a number or a word is kept as what it is") {
  using Either = std::variant<std::int64_t, std::string>;
  CHECK(read<Either>("5").value == Either{std::int64_t{5}});
  CHECK(read<Either>("\"allow\"").value == Either{"allow"});
  CHECK(complaint<Either>("true") == "expected a whole number or a string, found true or false");
}
