#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Streams in which bytes are missing, doubled or wrong, in pieces of any size, with and without TLS, before and after
# login, broken off anywhere: the server must live on and end with code 0. Most telling with `./dev build asan`.
#   tests/durability/strangers.py [--server build/asan/meerkat] [--seconds 10] [--seed N]
import argparse
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest import sasl  # noqa: E402
from xmpptest.client import HEADER, Client, Refused  # noqa: E402
from xmpptest.server import ROOT, DidNotStart, Server, default_binary, summary  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402
from xmpptest.xml_tree import NAMESPACES as NS  # noqa: E402

WORKERS = 8
BINDS = f"<iq type='set' id='b'><bind xmlns='{NS['bind']}'><resource>x</resource></bind></iq>"
NEGOTIATION = [
    f"<starttls xmlns='{NS['tls']}'/>", f"<abort xmlns='{NS['sasl']}'/>",
    f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'/>",
    f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-1'>{sasl.encode('n,,n=victim,r=abcdef')}</auth>",
    f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-256-PLUS'>{sasl.encode('p=tls-exporter,,n=victim,r=a')}</auth>",
    f"<response xmlns='{NS['sasl']}'>{sasl.encode('c=biws,r=abcdef,p=AAAA')}</response>",
    "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>", BINDS, HEADER.format(host="localhost")]
STANZAS = [
    "<presence/>", "<presence><priority>5</priority></presence>", "<presence type='unavailable'/>",
    "<presence to='{to}'/>", "<message><body>self</body></message>", "<message to='a@elsewhere'/>",
    "<message to='{to}' type='chat'><body>hé &amp; &#x1F600; <![CDATA[x]]></body></message>",
    "<message to='{bare}' xml:lang='de'><x xmlns='a:b' y='1' xmlns:q='q' q:z='2'/></message>",
    "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "<iq type='result' id='7'/>",
    "<iq type='get' id='6' to='{to}'><query xmlns='jabber:iq:version'/></iq>",
    "<iq type='get' id='2' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    "<iq type='get' id='4' to='localhost'><query xmlns='jabber:iq:register'/></iq>",
    BINDS, "</stream:stream>", " \n"]
INTRUDERS = [b"<", b">", b"&", b"'", b"/>", b"</", b"<!--", b"<?x?>", b"]]>", b"\0", b"\xff", b"&#0;", b"xmlns=''",
             b"<a xmlns:b=''/>", b":", b"<!DOCTYPE a [", b"\xed\xa0\x80", b"</stream:stream>"]


def spoiled(chance, data):
    data = bytearray(data)
    for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
        at = chance.randrange(len(data) + 1)
        length = chance.randrange(1, 60)
        what = chance.randrange(4)
        if what == 0:
            data[at:at + 1] = chance.randbytes(1)
        elif what == 1:
            del data[at:at + length]
        elif what == 2:
            data[at:at] = data[at:at + length]
        else:
            data[at:at] = chance.choice(INTRUDERS)
    return bytes(data)


class Strangers:
    def __init__(self, server):
        self.server, self.visits, self.logins = server, 0, 0
        self.account, self.until = server.new_account("victim"), 0
        client = Client(server.address)
        client.secure()
        client.register(*self.account)
        client.log_in(*self.account, resource="here")  # stays, and never reads
        self.known = {"to": client.jid, "bare": client.jid.partition("/")[0]}

    def visit(self, chance):
        tls = chance.random() < 0.3
        client = Client(self.server.tls_address if tls else self.server.address)
        try:
            if tls:
                client.handshake()
            manner, words = chance.random(), []
            if manner < 0.6:
                self.log_in(client, chance)
            else:
                words = chance.choices(NEGOTIATION, k=chance.randrange(6))
                if manner < 0.8:
                    client.open_stream()
                else:
                    words[:0] = [HEADER.format(host="localhost")]
            words += chance.choices(STANZAS, k=chance.randrange(1, 30))
            self.say(client, chance, spoiled(chance, "".join(words).format(**self.known).encode()))
        finally:
            self.visits += 1
            client.reset() if chance.random() < 0.5 else client.drop()

    def log_in(self, client, chance):
        client.secure() if chance.random() < 0.2 else client.open_stream()
        client.authenticate(*self.account, mechanism="SCRAM-SHA-256")
        self.logins += 1
        if chance.random() < 0.8:
            client.open_stream()
        if chance.random() < 0.8:
            client.bind(f"r{chance.randrange(8)}")

    def say(self, client, chance, data):
        while data:
            count = chance.choice([1, 3, 17, 200, 5000]) if len(data) < 400 else 5000
            client.send(data[:count])
            data = data[count:]
        until = time.monotonic() + chance.choice([0, 0, 0.01, 0.03])
        while time.monotonic() < until:
            client.next(within=0.02)

    def come(self, seed):
        chance = random.Random(seed)
        while time.monotonic() < self.until and self.server.process.poll() is None:
            try:
                self.visit(chance)
            except (Problem, Refused, OSError, ValueError):
                pass  # what the server says to such people is for the scenarios to judge

    def come_for(self, seconds, seed):
        self.until = time.monotonic() + seconds
        threads = [threading.Thread(target=self.come, args=(f"{seed} {number}",)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def trial(server, seconds, seed):
    """Nothing, or what went wrong."""
    try:
        server.start()
        strangers = Strangers(server)
        strangers.come_for(seconds, seed)
        print(f"strangers: seed {seed}, {strangers.visits} visits, {strangers.logins} logins")
        if server.process.poll() is None:
            client = Client(server.address)
            client.secure()
            client.log_in(*strangers.account)
            client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", server.host)
            client.drop()
    except (DidNotStart, Problem, OSError) as problem:
        return f"{problem}; {server.stop() or 'it ended well'}" if server.process else str(problem)
    return server.stop()


def main():
    parser = argparse.ArgumentParser(description="Annoys the server with broken streams.")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    started = time.monotonic()
    server = Server((options.server or default_binary()).resolve(), ROOT / "tests/durability/stops.toml")
    problem = trial(server, options.seconds, options.seed)
    if problem:
        print(f"FAILED  the server outlives broken streams\n    {problem}\n")
    return summary("strangers", 0 if problem else 1, 1 if problem else 0, started)


if __name__ == "__main__":
    sys.exit(main())
