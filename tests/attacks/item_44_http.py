# SPDX-License-Identifier: Apache-2.0
# Item 44: request smuggling, floods of header fields, chunks that are mostly overhead, heads and bodies that trickle,
# ranges, the beginning of HTTP/2. Whatever two readers could read in two ways is refused, and nothing behind it is read.
import time

from kit import MB, expect
from web import Visitor, ask, get, statuses
from xmpptest.waiting import eventually

CONFIG = "web"
SMUGGLED = get("/healthz")


def post(fields, body="", target="/healthz"):
    return f"POST {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n{body}"


def smuggling(http):
    for fields in ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                   "Content-Length: 0\r\nContent-Length: 60\r\n", "Content-Length: 0\r\nContent-Length: 0\r\n",
                   "Content-Length: 0, 60\r\n", "Content-Length: 0,0\r\n", "Content-Length: +0\r\n",
                   "Content-Length: -1\r\n", "Content-Length: 0x0\r\n", "Content-Length: 0 \x0b\r\n",
                   "Content-Length: 18446744073709551616\r\n", "Content-Length : 0\r\n", "Content-Length\t: 0\r\n",
                   " Content-Length: 0\r\n", "X: y\r\n Content-Length: 0\r\n", "X: y\r\n\tz\r\nContent-Length: 0\r\n",
                   "X: y\nContent-Length: 0\r\n", "X: y\rContent-Length: 0\r\n", "X: \0\r\nContent-Length: 0\r\n",
                   "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked, identity\r\n",
                   "Transfer-Encoding: identity, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
                   "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "Transfer-Encoding:\x0bchunked\r\n",
                   "Transfer-Encoding\t: chunked\r\n", "X: y\r\n Transfer-Encoding: chunked\r\n",
                   "Transfer-Encoding: \"chunked\"\r\n", "Host: other\r\nContent-Length: 0\r\n", ": y\r\n", "X y: z\r\n"):
        found = ask(http, post(fields, "0\r\n\r\n" + SMUGGLED))
        expect(len(found) == 1 and found[0] in (400, 501), f"{fields!r} is answered with {found}")
    for line in ("GET /healthz HTTP/1.1\n", "GET /healthz HTTP/1.1\r", "GET  /healthz HTTP/1.1\r\n", "GET /healthz  HTTP/1.1\r\n",
                 "GET /healthz HTTP/1.1 \r\n", "GET\t/healthz HTTP/1.1\r\n", " GET /healthz HTTP/1.1\r\n", "GET /healthz\r\n",
                 "GET /healthz HTTP/1.1\r\n\n", "GET /healthz http/1.1\r\n", "G\0T /healthz HTTP/1.1\r\n"):
        found = ask(http, line + "Host: localhost\r\n\r\n" + SMUGGLED)
        expect(found == [400], f"{line!r} is answered with {found}")
    # A body that nobody asked for is not the next request.
    found = ask(http, f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}")
    expect(found == [413], f"a body of GET is answered with {found}")
    found = ask(http, post(f"Content-Length: {len(SMUGGLED)}\r\n", SMUGGLED))
    expect(found == [405], f"a refused body is answered with {found}")
    found = ask(http, post(f"Content-Length: {len(SMUGGLED)}\r\n", SMUGGLED, "/nowhere"))
    expect(found == [404], f"a body for nobody is answered with {found}")


def versions(http):
    for preface in ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", "GET /healthz HTTP/2\r\n\r\n",
                    "GET /healthz HTTP/3.0\r\nHost: localhost\r\n\r\n", "GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n"):
        expect(ask(http, preface + SMUGGLED) == [505], f"{preface!r} is refused by its version")
    # An upgrade to what is not spoken is no reason to refuse.
    expect(ask(http, get("/healthz", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n")) == [200], "h2c")
    expect(ask(http, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)) == [400], "TLS in the clear")


def floods(house, http):
    before = house.server.memory()
    expect(ask(http, get("/" + "a" * 20_000)) == [414], "a target that does not end")
    expect(ask(http, get("/healthz", "X: " + "a" * 40_000 + "\r\n")) == [431], "a field that does not end")
    expect(ask(http, get("/healthz", "X: y\r\n" * 200)) == [431], "many fields")
    expect(ask(http, get("/healthz", "Cookie: a=b\r\n" * 90)) == [200], "some fields")
    expect(ask(http, get("/healthz?" + "a&" * 1000)) == [400], "many arguments")
    for endless in ("GET /", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", "\r\n", "GET /healthz HTTP/1.1\r\nX"):
        with Visitor(http) as visitor:
            if visitor.say(endless):
                for _ in range(200):
                    if not visitor.say("\r\n" if endless == "\r\n" else "a" * 5000):
                        break
            found = statuses(visitor.hear_all())
            expect(len(found) <= 1 and all(one >= 400 for one in found), f"{endless!r} is answered with {found}")
    # A thousand requests at once, answered in order; then nobody reads the answers.
    with Visitor(http) as visitor:
        visitor.say(get("/healthz", close=False) * 999 + get("/readyz"))
        found = statuses(visitor.hear_all())
        expect(found == [200] * 1000, f"{len(found)} answers to a thousand requests")
    lazy = [Visitor(http, within=2.0) for _ in range(10)]
    for visitor in lazy:
        try:
            for _ in range(200):
                visitor.say(get("/healthz", close=False) * 500)
        except TimeoutError:
            pass  # it is read no further
    expect(house.server.memory() - before < 60 * MB, f"{(house.server.memory() - before) / MB:.0f} MB for ten who do not read")
    for visitor in lazy:
        visitor.socket.close()


def chunks(http):
    def chunked(body):
        return ask(http, f"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
    for body, verdict in {"1\r\na\r\n0\r\n\r\n": [413], "ffffffffffffffff\r\n": [413], "10000000000000000\r\n": [413],
                          "-1\r\n": [400], "+1\r\n": [400], "0x1\r\n": [400], "1 \r\na": [400], "g\r\n": [400], "\r\n": [400],
                          "1;" + "x" * 100_000: [400], "1\na\r\n": [400], "0\r\nX: y\r\n z\r\n\r\n": [200, 400],
                          "0\r\nX y: z\r\n\r\n": [400], "0\r\n" + "X: y\r\n" * 5000: [400], "0\n\n": [400]}.items():
        found = chunked(body + SMUGGLED)
        expect(found and found[0] in verdict and len(found) <= 1 + (found[0] == 200), f"{body[:30]!r} is answered with {found}")
    # What stands in a trailer is no header field.
    found = chunked("0\r\nConnection: keep-alive\r\nContent-Length: 5\r\nHost: other\r\n\r\n" + SMUGGLED)
    expect(found == [200, 200], f"a trailer is answered with {found}")


def slowness(house, http):
    began = time.monotonic()
    slow = []
    for head in ("", "GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX:"):
        for _ in range(8):
            visitor = Visitor(http)
            visitor.say(head)
            slow.append((visitor, head))
    for _ in range(4):
        time.sleep(0.3)  # a byte now and then buys no time
        for visitor, head in slow:
            visitor.say("a" if head else "")
    for visitor, head in slow:
        found = statuses(visitor.hear_all())
        expect(found == ([408] if head else []), f"{head!r} that trickles is answered with {found}")
        visitor.socket.close()
    expect(time.monotonic() - began < 12 * house.slowness, "slow heads are let go in time")


def crowd(house, http):
    """More connections than there may be: who waits longest gives way, so that newcomers are served all the time."""
    idle = [Visitor(http) for _ in range(150)]
    expect(eventually(lambda: ask(http, get("/healthz")) == [200]), "nobody is let in behind idle connections")
    for visitor in idle:
        visitor.socket.close()


def ranges(http):
    for wish in ("bytes=0-0", "bytes=" + ",".join(f"{i}-" for i in range(1000)), "bytes=-1", "bytes=9-1", "bytes=0-18446744073709551616"):
        with Visitor(http) as visitor:
            visitor.say(get("/healthz", f"Range: {wish}\r\n"))
            status, _, body = visitor.answer()
            expect(status == 200 and body == b'{"alive":true}\n', f"a range is answered with {status} {body!r}")


def attack(house):
    http = house.server.http_address
    smuggling(http)
    versions(http)
    floods(house, http)
    chunks(http)
    slowness(house, http)
    crowd(house, http)
    ranges(http)
