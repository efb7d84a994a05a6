# SPDX-License-Identifier: Apache-2.0
# Item 50: what a client of HTTP says never makes a line of the log of its own, nor reaches the terminal as a command,
# and the values of its header fields (cookies, passwords) are not in the log at all.
from kit import expect
from web import ask, get
from xmpptest.waiting import eventually

CONFIG = "web"
ESCAPES = ["\x1b[2J", "\x1b]0;owned\x07", "\x9b31m", "\u202e".encode().decode("latin-1"), "\b\b\b", "\x7f"]


def attack(house):
    http = house.server.http_address
    for escape in ESCAPES:
        ask(http, get(f"/nowhere{escape}"))
        ask(http, f"GET{escape} /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
        ask(http, get("/healthz", f"User-Agent: {escape}\r\n"))
    for encoded in ("%0d%0awhat=forged", "%0alevel=forged%20what=forged", "%1b[2J", "%22%20what=forged", "%e2%80%ae", "%c2%9b31m"):
        ask(http, get(f"/healthz?x={encoded}"))
        ask(http, get(f"/nowhere/{encoded}"))
    ask(http, get("/healthz?x=\"what=forged"))
    ask(http, get("/healthz", "Authorization: Basic c3dvcmRmaXNo\r\nCookie: session=swordfish\r\nX-Api-Key: swordfish\r\n"))
    ask(http, get("/healthz?" + "a" * 5000 + "THE-END"))

    expect(eventually(lambda: house.server.logged("http_asked")), "requests are logged at this level")
    for line in house.server.log_lines():
        expect(line.startswith("when="), f"a line that nobody wrote: {line!r}")
        expect(" what=forged" not in line.split('"')[0], f"a forged line: {line!r}")
        expect(not any(ord(c) < 32 or ord(c) in range(0x7F, 0xA0) or c == "\u202e" for c in line), f"escapes in {line!r}")
        expect("swordfish" not in line and "c3dvcmRmaXNo" not in line, f"a secret in {line!r}")
        expect("THE-END" not in line, "a line as long as the client likes")
