# SPDX-License-Identifier: Apache-2.0
# Item 43: no way out of a route by dots, slashes or bytes in disguise (CVE-2023-32315, CVE-2016-1231). Whatever could
# be read as another path by somebody else is refused before it is looked for.
from kit import expect
from web import Visitor, ask, get

CONFIG = "web"
UPWARD = ["..", "%2e%2e", "%2E%2e", ".%2e", "%2e.", ".", "%2e", "..%2f", "%2e%2e%2f", "..%5c", "..\\", "%2e%2e%5c",
          "..%00", "%00", "%0d%0aX:%20y", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", "%f0%80%80%ae", "%ff", "%u002e%u002e",
          "%", "%2", "%zz", "\x7f", "\xff", "a%2fb", "a%5cb", "a\\b", "#", "%0a", "%1b[2J"]
# Other ways to write what is no dot, and which lead nowhere.
NOWHERE = ["%252e%252e", "...", "..;", "..;a=b", "%uff0e", "．．".encode().hex()]


def attack(house):
    http, https = house.server.http_address, house.server.https_address
    expect(ask(http, get("/healthz")) == [200] and ask(https, get("/state/x/y"), tls=True) == [200], "the doors are open")
    for step in UPWARD:
        for target in (f"/{step}", f"/healthz/{step}/readyz", f"/nowhere/{step}/{step}/etc/passwd",
                       f"http://localhost/{step}/healthz"):
            found = ask(http, get(target))
            expect(found in ([400], [505]) or (found == [404] and "%u" in target), f"{target!r} is answered with {found}")
    for step in UPWARD[:9]:
        for target in (f"/state/x/{step}", f"/state/{step}/x", f"/state/x/y/{step}/{step}/{step}/etc/passwd"):
            expect(ask(https, get(target), tls=True) == [400], f"{target!r} is answered under TLS")
    for step in NOWHERE:
        found = ask(http, get(f"/nowhere/{step}/healthz"))
        expect(found == [404 if "%u" not in step else 400], f"{step}/healthz is answered with {found}")

    # A path is compared with all of its bytes, and with its case.
    for target in ("//healthz", "/healthz//", "/HEALTHZ", "/healthz%20", "/healthz;a", "/healthz/x", "/healthz%3f",
                   "//localhost/healthz", "/./healthz", "/x/../healthz"):
        expect(ask(http, get(target)) in ([404], [400]), f"{target!r} is taken for /healthz")
    # Targets of other kinds.
    for target in ("healthz", "ftp://localhost/healthz", "localhost:80", "//", "*", "?x", "http:///healthz",
                   "http://a b/healthz", "http://localhost@/healthz", "file:///etc/passwd", "javascript:alert(1)"):
        expect(ask(http, get(target)) in ([404], [400], [505]), f"{target!r} is answered")
    # Whatever names the host, the answer holds nothing of it.
    for host in ("evil.test", "localhost:99999999", "a/b", "a@b", "<script>", "a\r\nX-Injected: 1", "", "[::1", "..", "a b"):
        with Visitor(http) as visitor:
            visitor.say(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            heard = visitor.hear_all()
            expect(b"evil" not in heard and b"script" not in heard and b"Injected" not in heard, heard)
