# SPDX-License-Identifier: Apache-2.0
# Item 3: one token of many megabytes, and tokens that come byte by byte: text, attribute value, names. Linear time, and
# the limit is told when it is reached.
from kit import HEADER, MB, expect

BEGINNINGS = {
    "text": "<message><body>", "an attribute": "<message id='", "a name": "<message><", "an attribute's name": "<message a",
    "white space in a tag": "<message ", "CDATA": "<message><body><![CDATA["}


def filler(kind, size):
    return (b" " if "space" in kind else b"a") * size


def whole_token(house, kind, client, limit):
    with house.bounded(f"20 MB of {kind}", cpu=1.5, peak=12 * MB):
        client.send(BEGINNINGS[kind])
        sent, socket = 0, client.another_socket()
        with socket:
            socket.settimeout(10)
            try:
                while sent < 20 * MB:
                    sent += socket.send(filler(kind, 65536))
            except OSError:
                pass  # told already, and closed
        heard = client.verdict()
    expect(heard == "policy-violation", f"20 MB of {kind} end with {heard}")


def slow_token(house, kind, size):
    """Byte by byte below the limit. The second half may not cost much more than the first."""
    client, halves = house.member(), []
    client.send(BEGINNINGS[kind])
    byte = filler(kind, 1)
    with client.another_socket() as socket:
        for _ in range(2):
            before = house.cpu()
            for _ in range(size // 2):
                socket.send(byte)
            halves.append(house.cpu() - before)
    expect(halves[1] < 2 * halves[0] + 0.15, f"{kind} byte by byte: {halves[0]:.2f} s, then {halves[1]:.2f} s")
    client.drop()


def attack(house):
    for kind in BEGINNINGS:
        whole_token(house, kind, house.stranger(opened=True), 16 * 1024)
        whole_token(house, kind, house.member(), 256 * 1024)
    stranger = house.stranger()
    stranger.send(HEADER.format(host="localhost")[:-1] + " a='" + "x" * 20000)
    expect(stranger.verdict() == "policy-violation", "a huge header is refused")
    for kind in BEGINNINGS if house.hard else ("text", "a name"):
        slow_token(house, kind, 200000 if house.hard else 20000)
