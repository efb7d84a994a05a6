# SPDX-License-Identifier: Apache-2.0
# Item 20: SCRAM messages that are none, nonces used again, mechanisms switched in the middle, attempts without end.
from kit import NS, Refused, expect
from xmpptest import sasl

FIRST = [
    "", ",", "n", "n,", "n,,", "n,,n=a", "n,,r=a", "n,,r=a,n=a", "n,,n=,r=a", "n,,n=a,r=", "n,,n=a,r=a b", "n,,n=a,r=\u00e9",
    "n,,n=a=,r=b", "n,,n=a=2c,r=b", "n,,n=a=3d,r=b", "n,,n=a=41,r=b", "n,,m=x,n=a,r=b", "n,a=,n=a,r=b", "n,b=c,n=a,r=b",
    "n,,n=a,r=b,", "n,,n=a,r=b,c", "n,,n=a,r=b,1=c", "n,,n=a,r=b,x=", "q,,n=a,r=b", "nn,,n=a,r=b", "n,,N=a,r=b", " n,,n=a,r=b",
    "n,,n=a,n=b,r=c", "n,,n=a\0,r=b", "n,,n=a,r=b\0", "n,,n=" + "a" * 1100 + ",r=b", "n,,n=a,r=" + "b" * 1100,
    "\ufeffn,,n=a,r=b"]
FINAL = [
    "", "c=biws", "c=biws,r={r}", "c=biws,r={r},p=", "c=biws,r={r},p=x", "c=biws,r={r},p=AAAA", "r={r},c=biws,p=AAAA",
    "c=biws,r={r},p=AAAA,x=y", "c=biws,r={r},p=AAAA,p=AAAA", "c=biws,r=other,p=AAAA", "c=,r={r},p=AAAA", "c=!,r={r},p=AAAA",
    "c=biws,r={r},x,p=AAAA", "c=biws,r={r}\0,p=AAAA", "c=biws,p=AAAA", "p=AAAA", "c=biws,r={r},p=" + "A" * 9000,
    "e=other-error"]
ANSWERS = ("malformed-request", "not-authorized", "incorrect-encoding")
SASL = f"xmlns='{NS['sasl']}'"


class Table:
    """A stream for a dozen attempts, then another."""

    def __init__(self, house):
        self.house, self.client, self.used = house, None, 0

    def seat(self, attempts=3):
        if self.client is None or self.used + 1 >= attempts:
            self.client, self.used = self.house.stranger(tls=True, opened=True), 0
        self.used += 1
        return self.client


def auth(text, mechanism="SCRAM-SHA-256"):
    return f"<auth {SASL} mechanism='{mechanism}'>{sasl.encode(text) or '='}</auth>"


def response(text):
    return f"<response {SASL}>{sasl.encode(text) or '='}</response>"


def condition(client):
    answer = client.stanza("failure", "success", "challenge")
    return answer.children[0].local if answer.local == "failure" else answer.local


def nonce_of(challenge):
    return sasl.decode(challenge.text).decode().split(",")[0][2:]


def malformed(house, account):
    table = Table(house)
    for text in FIRST:
        client = table.seat(12)
        client.send(auth(text))
        heard = condition(client)
        expect(heard in ANSWERS, f"the first message {text[:60]!r}: {heard}")
    for text in FINAL:
        client = table.seat(3)
        client.send(auth(f"n,,n={account[0]},r=abc"))
        nonce = nonce_of(client.stanza("challenge"))
        client.send(response(text.format(r=nonce)))
        heard = condition(client)
        expect(heard in ANSWERS, f"the final message {text[:60]!r}: {heard}")
    for text in "n,,n=a,r=b", "=", "%%%", "AAA", "A===", "QQ=", "Q Q=", "\u00e9", "=QQ", "QQ==QQ==":
        client = table.seat(12)
        client.send(f"<auth {SASL} mechanism='SCRAM-SHA-256'>{text}</auth>")
        expect(condition(client) in ANSWERS, f"base64 {text!r}")


def disorder(house, account):
    def after_challenge():
        client = house.stranger(tls=True, opened=True)
        client.send(auth(f"n,,n={account[0]},r=abc"))
        client.stanza("challenge")
        return client
    for name, words, wanted in (
            ("another mechanism", auth("\0a\0b", "PLAIN"), ("malformed-request",)),
            ("the same again", auth("n,,n=a,r=b"), ("malformed-request",)),
            ("a stanza", "<message to='localhost'/>", ("malformed-request", "not-authorized")),
            ("an abort", f"<abort {SASL}/>", ("aborted",)),
            ("a success", f"<success {SASL}/>", ("malformed-request",)),
            ("a challenge", f"<challenge {SASL}>cj1h</challenge>", ("malformed-request",)),
            ("a response of nobody", "<response>cj1h</response>", ("malformed-request",))):
        client = after_challenge()
        client.send(words)
        heard = condition(client)
        expect(heard in wanted, f"{name} instead of a response: {heard}")
        client.authenticate(*account)  # and the stream is still good
    client = house.stranger(tls=True, opened=True)
    client.send(response("c=biws"))
    expect(client.verdict() == "not-authorized", "a response without a challenge")
    for mechanism in "SCRAM-MD5", "CRAM-MD5", "DIGEST-MD5", "X-OAUTH2", "scram-sha-256", "", "PLAIN ", "SCRAM-SHA-512":
        client = house.stranger(tls=True, opened=True)
        client.send(auth("n,,n=a,r=b", mechanism))
        expect(condition(client) == "invalid-mechanism", f"the mechanism {mechanism!r}")


def replay(house, account):
    """The messages of one login are of no use for another: the server's nonce is new."""
    scram = sasl.Scram("SCRAM-SHA-256", *account)
    first = scram.first()
    good = house.stranger(tls=True, opened=True)
    good.send(auth(first))
    challenge = good.stanza("challenge")
    final = scram.final(sasl.decode(challenge.text))
    good.send(response(final))
    expect(condition(good) == "success", "the honest one gets in")
    again = house.stranger(tls=True, opened=True)
    again.send(auth(first))
    expect(nonce_of(again.stanza("challenge")) != nonce_of(challenge), "the server's nonce is new")
    again.send(response(final))
    expect(condition(again) == "not-authorized", "who plays it back does not")
    nonces = set()
    for _ in range(5):
        client = house.stranger(tls=True, opened=True)
        for _ in range(12):
            client.send(auth(f"n,,n={account[0]},r=same"))
            nonces.add(nonce_of(client.stanza("challenge")))
            client.send(f"<abort {SASL}/>")
            client.stanza("failure")
    expect(len(nonces) == 60, "no nonce comes twice")


def attempts(house, account):
    """RFC 6120 §6.4.5: a stream has a few."""
    for mechanism in "SCRAM-SHA-256", "PLAIN":
        client = house.stranger(tls=True, opened=True)
        for number in range(1, 30):
            try:
                client.authenticate(account[0], f"guess {number}", mechanism=mechanism)
            except Refused:
                if number == 4:
                    break
        expect(client.verdict() == "policy-violation", f"four wrong passwords by {mechanism} end the stream")
    client = house.stranger(tls=True, opened=True)
    client.send(auth("no message") * 30)
    heard = client.verdict()
    expect(heard == "policy-violation", f"sixteen failures of any kind end the stream: {heard}")
    # The owner is not locked out by those who guess.
    client = house.stranger(tls=True, opened=True)
    client.authenticate(*account)


def attack(house):
    account = house.account()
    malformed(house, account)
    disorder(house, account)
    replay(house, account)
    attempts(house, account)
