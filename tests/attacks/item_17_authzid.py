# SPDX-License-Identifier: Apache-2.0
# Item 17: to act as somebody else (RFC 6120 §6.3.8; ejabberd let a foreign authzid bind as the victim until 26.07), empty
# names, names that are the same once they are prepared, names of other domains.
from kit import NS, Refused, expect
from xmpptest import sasl


def logs_in(house, name, password, mechanism, authzid=""):
    """The bare address that was bound, or the condition of the failure."""
    client = house.stranger(tls=True, opened=True)
    try:
        client.authenticate(name, password, mechanism=mechanism, authzid=authzid)
        client.open_stream()
        return client.bind().partition("/")[0]
    except Refused as refusal:
        return refusal.condition
    finally:
        client.drop()


def attack(house):
    alice, secret = house.account("alice")
    victim = house.account("victim")[0]
    own = f"{alice}@localhost"
    refusals = ("invalid-authzid", "not-authorized", "malformed-request")
    for mechanism in "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1":
        for authzid in (own, own.upper(), f"{alice.upper()}@LOCALHOST", f"{own}."):
            heard = logs_in(house, alice, secret, mechanism, authzid)
            expect(heard == own, f"{mechanism} as oneself, said as {authzid}: {heard}")
        for authzid in (f"{victim}@localhost", f"{victim}@localhost/r", victim, f"{own}/r", f"{alice}@other.test", "localhost",
                        "@localhost", "/", "@", f"{own}@localhost", f"{own} ", f"*@localhost",
                        f"{alice}@localhost@{victim}"):
            heard = logs_in(house, alice, secret, mechanism, authzid)
            expect(heard in refusals, f"{mechanism} for {authzid!r} with the password of {alice}: {heard}")
        for name in ("", "\u00ad", " ", f"{alice}@localhost", f"{alice}/r", "/", "@", "a" * 1100, "a\u0000b", "\u202ealice",
                     f"{alice} ", "al\tice", f"\u200d{victim}", f"{alice}@other.test", "\U000e0041"):
            if mechanism == "PLAIN" and "\0" in name:
                continue
            heard = logs_in(house, name, secret, mechanism)
            expect(heard in refusals, f"{mechanism} under the name {name!r}: {heard}")

    # Names that are the same once they are prepared are the same account: it has one owner and one password.
    client = house.stranger(opened=True)
    for name in (alice.upper(), alice.replace("a", "ａ", 1), f"{alice[:2]}\u00ad{alice[2:]}", alice.replace("i", "\u2170", 1),
                 alice.replace("al", "\u200bal", 1), alice.replace("c", "\u24d2", 1)):
        try:
            client = house.stranger(opened=True)
            client.register(name, "mine now")
            expect(False, f"{name!r} was registered beside {alice}")
        except Refused as refusal:
            expect(refusal.condition == "conflict", f"registering {name!r} beside {alice}: {refusal.condition}")
        heard = logs_in(house, name, "mine now", "PLAIN")
        expect(heard == "not-authorized", f"logging in as {name!r}: {heard}")
        expect(logs_in(house, name, secret, "PLAIN") == own, f"{name!r} is {alice} under another spelling")

    # The messages of PLAIN that are none.
    for words in (b"", b"\0", b"\0\0", b"\0\0\0", b"a", b"a\0b", f"\0{alice}\0{secret}\0".encode(),
                  f"{alice}\0{secret}".encode(),
                  b"\0\xff\0x", f"\0{alice}\0".encode(), f"\0\0{secret}".encode(), b"\0" * 5000):
        client = house.stranger(tls=True, opened=True)
        client.send(f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>{sasl.encode(words) or '='}</auth>")
        heard = client.stanza("failure", "success")
        expect(heard.local == "failure", f"PLAIN with {words[:40]!r} succeeds")
        expect(heard.children[0].local in refusals, f"PLAIN with {words[:40]!r}: {heard.show()}")
