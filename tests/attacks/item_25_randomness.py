# SPDX-License-Identifier: Apache-2.0
# Item 25: every token that must not be guessed comes from the system's generator: nothing repeats, also not across
# starts, all of it looks like chance, and no other generator is called anywhere in src/.
import re

from kit import HEADER, NS, expect
from xmpptest import sasl
from xmpptest.server import ROOT


def tokens(house, count):
    """Stream ids, SCRAM nonces, resources."""
    found = {"stream ids": [], "nonces": [], "resources": []}
    client = None
    for number in range(count):
        if number % 10 == 0:
            client = house.stranger()
            client.send(HEADER.format(host="localhost"))
            found["stream ids"].append(client.hear("open", "stream").attributes["id"])
            client.hear("stanza", "features")
        client.send(f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-256'>{sasl.encode('n,,n=a,r=b')}</auth>")
        found["nonces"].append(sasl.decode(client.stanza("challenge").text).decode().split(",")[0][3:])
        client.send(f"<abort xmlns='{NS['sasl']}'/>")
        client.stanza("failure")
    account = house.account()
    for _ in range(count // 10):
        member = house.member(account, available=False)
        found["resources"].append(member.jid.rpartition("/")[2])
        member.drop()
    return found


def looks_like_chance(words, bits):
    expect(len(set(words)) == len(words), "a token comes twice")
    expect(min(len(word) for word in words) * 5 >= bits, f"{words[0]} has less than {bits} bits")
    text = "".join(words)
    counts = [text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz234567"]
    expect(sum(counts) == len(text), f"{words[0]} has other letters")
    even = len(text) / 32
    expect(sum((count - even) ** 2 / even for count in counts) < 80, f"the letters of tokens are not even: {counts}")
    beginnings = {word[:4] for word in words}
    expect(len(beginnings) > 0.9 * len(words), "tokens begin alike")


def attack(house):
    first = tokens(house, 300 if house.hard else 100)
    house.end_watch()
    problem = house.server.stop()
    expect(not problem, f"it stops well: {problem}")
    house.server.start()
    second = tokens(house, 100)
    for kind, bits in (("stream ids", 64), ("nonces", 120), ("resources", 64)):
        looks_like_chance(first[kind] + second[kind], bits)

    other = re.compile(r"\b(std::)?(mt19937\w*|minstd_rand\w*|random_device|default_random_engine|rand|srand|random|drand48|"
                       r"rand_r|lrand48)\s*[({;]|RAND_pseudo_bytes|RAND_seed")
    for path in sorted((ROOT / "src").rglob("*.cc")) + sorted((ROOT / "src").rglob("*.h")):
        if path.name.endswith("_test.cc") or "admin/bench" in str(path):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            expect(not other.search(line.partition("//")[0]), f"{path.relative_to(ROOT)}:{number} draws from elsewhere: {line}")
