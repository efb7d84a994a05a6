// SPDX-License-Identifier: Apache-2.0
#include "net/http_reader.h"

#include <doctest/doctest.h>

#include <string>

namespace meerkat {
namespace {

using State = HttpReader::State;

// Reads what comes, in pieces of so many bytes, as a handler would have it that takes bodies of 1000 bytes.
struct Read {
  explicit Read(std::string_view bytes, std::size_t piece = std::string::npos, const HttpLimits& limits = {})
      : reader(limits) {
    while (!bytes.empty() && reader.state() != State::refused && reader.state() != State::whole) {
      rest += bytes.substr(0, piece);
      bytes.remove_prefix(std::min(piece, bytes.size()));
      if (reader.read(rest) == State::judging) reader.take_body(1000);
      if (reader.state() == State::body && !rest.empty()) reader.read(rest);
    }
    rest += bytes;
  }
  unsigned status() const { return reader.state() == State::refused ? reader.status() : 0; }

  HttpReader reader;
  std::string rest;
};

unsigned status_of(std::string_view bytes) {
  const unsigned at_once = Read{bytes}.status();
  CHECK_MESSAGE(Read(bytes, 1).status() == at_once, bytes);
  return at_once;
}

std::string with_fields(std::string_view fields, std::string_view body = {}) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n" + std::string{body};
}

TEST_CASE("a request is read, whole or byte by byte, and not a byte behind it") {
  const std::string bytes =
      "\r\nPOST /a%20b?c=d HTTP/1.1\r\nHost: Example.org:80\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhelloGET /";
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{7}}) {
    Read read{bytes, piece};

    REQUIRE(read.reader.state() == State::whole);
    const HttpRequest& request = read.reader.request();
    CHECK(request.method == HttpMethod::post);
    CHECK(request.target == "/a%20b?c=d");
    CHECK(request.path == "/a b");
    CHECK(request.asked("c") == "d");
    CHECK(request.host == "example.org");
    CHECK(request.headers.get("x-one") == "1");
    CHECK(request.body == "hello");
    CHECK(read.reader.keeps_alive());
    CHECK(read.rest == "GET /");
  }
}

TEST_CASE("chunks are put together, and their trailer is not a header") {
  const std::string bytes =
      with_fields("Transfer-Encoding: chunked\r\n",
                  "3;a=b;c=\"d\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Late: 1\r\nHost: b\r\n\r\nrest");
  for (const std::size_t piece : {std::string::npos, std::size_t{1}}) {
    Read read{bytes, piece};

    REQUIRE(read.reader.state() == State::whole);
    CHECK(read.reader.request().body == "abc0123456789");
    CHECK_FALSE(read.reader.request().headers.contains("X-Late"));
    CHECK(read.reader.request().host == "a");
    CHECK(read.rest == "rest");
  }
}

TEST_CASE("the version says whether the connection goes on") {
  CHECK(Read{"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}.reader.keeps_alive());
  CHECK_FALSE(Read{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"}.reader.keeps_alive());
  CHECK_FALSE(Read{"GET / HTTP/1.0\r\n\r\n"}.reader.keeps_alive());
  CHECK(Read{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}.reader.keeps_alive());
}

TEST_CASE("a body whose length can be read in two ways is refused") {
  for (const std::string_view fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length: \r\n",
           "Content-Length: 99999999999999999999\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
       })
    CHECK_MESSAGE(status_of(with_fields(fields, "hello")) == 400, fields);
  for (const std::string_view coding : {"gzip, chunked", "chunked, chunked", "identity", "xchunked", "\x0bchunked", ""})
    CHECK_MESSAGE(status_of(with_fields("Transfer-Encoding: " + std::string{coding} + "\r\n")) >= 400, coding);
  CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
}

TEST_CASE("what others might take for another head is refused") {
  for (const std::string_view fields : {
           "X: 1\r\n folded\r\n",
           "X: 1\r\n\tfolded\r\n",
           " X: 1\r\n",
           "X : 1\r\n",
           "X\t: 1\r\n",
           ": 1\r\n",
           "X\r\n",
           "X: 1\nY: 2\r\n",
           "X: 1\rY: 2\r\n",
           "X: a\x01"
           "b\r\n",
           "X\x80: 1\r\n",
           "X[]: 1\r\n",
           "Host: b\r\n",
       })
    CHECK_MESSAGE(status_of(with_fields(std::string{fields} + "Content-Length: 0\r\n")) == 400, fields);
  CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.1\r\nHost: a b\r\nContent-Length: 0\r\n\r\n") == 400);
  CHECK(status_of(std::string{"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 30}) == 400);
}

TEST_CASE("a request line must be one") {
  for (const std::string_view line : {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1", "GET / HTTP/11",
                                      "/ HTTP/1.1", "GET /a b HTTP/1.1", "G@T / HTTP/1.1", "GET\t/\tHTTP/1.1"})
    CHECK_MESSAGE(status_of(std::string{line} + "\r\nHost: a\r\n\r\n") >= 400, line);
  CHECK(status_of("\r\n\r\n\r\nGET / HTTP/1.1\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.1\nHost: a\n\n") == 400);
  // What speaks TLS to a port in the clear is told at its first bytes.
  CHECK(status_of("\x16\x03\x01\x02") == 400);
}

TEST_CASE("other versions of HTTP are refused, the beginning of HTTP/2 among them") {
  CHECK(status_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == 505);
  CHECK(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  CHECK(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == 505);
}

TEST_CASE("what is too long is refused, with a word for each") {
  HttpLimits few;
  few.fields = 3;
  const std::string long_word(40'000, 'a');

  CHECK(status_of("GET /" + long_word + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + long_word + "\r\n\r\n") == 431);
  CHECK(Read("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n", 1000, few).status() == 0);
  CHECK(Read("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\nX: 3\r\n\r\n", 1000, few).status() == 431);
  CHECK(status_of(with_fields("Content-Length: 1001\r\n")) == 413);
  CHECK(status_of(with_fields("Transfer-Encoding: chunked\r\n", "3e9\r\n")) == 413);
  CHECK(status_of(with_fields("Transfer-Encoding: chunked\r\n", "1f4\r\n" + std::string(500, 'a') + "\r\n1f5\r\n")) ==
        413);
}

TEST_CASE("chunks that are malformed, or mostly overhead, are refused") {
  const auto chunked = [](std::string_view body) {
    return status_of(with_fields("Transfer-Encoding: chunked\r\n", body));
  };
  std::string extensions;
  for (int i = 0; i < 30; ++i) extensions += "1;" + std::string(1000, 'x') + "\r\na\r\n";

  CHECK(chunked("g\r\n") == 400);
  CHECK(chunked("-1\r\n") == 400);
  CHECK(chunked("ffffffffffffffff1\r\n") >= 400);
  CHECK(chunked("ffffffffffffffff\r\n") == 413);
  CHECK(chunked("3\r\nabcd\r\n") == 400);
  CHECK(chunked("3\nabc\r\n") == 400);
  CHECK(chunked("3;" + std::string(5000, 'x')) == 400);
  CHECK(chunked(extensions) == 400);
  CHECK(chunked("0\r\nX: 1\r\n folded\r\n") == 400);
  CHECK(chunked("0\r\nX: 1\r\n") == 0);  // not all there
  CHECK(chunked("0\r\nX y: 1\r\n\r\n") == 400);
}

TEST_CASE("a length must be told by those who send something, and is taken for none by the others") {
  CHECK(status_of("POST / HTTP/1.1\r\nHost: a\r\n\r\n") == 411);
  CHECK(status_of("PUT / HTTP/1.1\r\nHost: a\r\n\r\n") == 411);
  CHECK(Read{"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"}.reader.state() == State::whole);
}

TEST_CASE("who expects to be told to go on is told so, and nothing else is expected") {
  Read read{with_fields("Expect: 100-continue\r\nContent-Length: 5\r\n")};

  CHECK(read.reader.wants_continue());
  CHECK(status_of(with_fields("Expect: 200-ok\r\nContent-Length: 5\r\n")) == 417);
}

}  // namespace
}  // namespace meerkat
