# SPDX-License-Identifier: Apache-2.0
# Item 23: many who bind the same resource at once, bind after bind. Resumption: item_23_resumption.py.
import threading

from kit import NS, Problem, eventually, expect

BIND = f"<iq type='set' id='b'><bind xmlns='{NS['bind']}'><resource>{{}}</resource></bind></iq>"


def race(house, account, resource, contenders):
    """All are ready to bind, and do so at the same moment. Who still has a session is returned."""
    clients, gate, bound = [], threading.Barrier(contenders), []
    for _ in range(contenders):
        client = house.stranger(opened=True)
        client.authenticate(*account)
        client.open_stream()
        clients.append(client)

    def contend(client):
        try:
            gate.wait(10)
            client.bind(resource)
            client.send("<presence/>")
            bound.append(client)
        except (Problem, threading.BrokenBarrierError):
            pass  # replaced before it heard of its own success
    threads = [threading.Thread(target=contend, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = []
    for client in clients:
        try:
            left += [client] if client.is_alive() else []
        except Problem:
            expect(client.transcript_says("conflict"), "whoever was replaced was told conflict")
    return left


def attack(house):
    type(house.stranger()).transcript_says = lambda self, word: any(word in line for line in self.transcript)
    account, sender = house.account(), house.member()
    for number in range(8 if house.hard else 3):
        left = race(house, account, "same", 12)
        expect(len(left) == 1, f"{len(left)} sessions of one full address are left of a race")
        winner = left[0]
        for count in range(3):
            sender.send(f"<message type='chat' id='x{number}.{count}' to='{winner.jid}'><body>one</body></message>")
            expect(winner.stanza("message").attributes["id"] == f"x{number}.{count}", "it gets what is sent, once")
        heard = [event for event in winner.hears_nothing_but("presence", within=0.05)]
        expect(not heard, f"and nothing twice: {heard}")
        winner.drop()

    # The hundred and first session ends the oldest, and no other.
    oldest = house.member(account, resource="oldest", available=False)
    second = house.member(account, resource="second", available=False)
    crowd = [house.member(account, resource=f"r{number}", available=False) for number in range(99)]
    expect(oldest.verdict() == "conflict", "the oldest of too many sessions ends")
    expect(second.is_alive() and crowd[-1].is_alive(), "the others stay")
    for client in crowd:
        client.drop()

    # Bind after bind: the session has its name, and keeps it.
    member = house.member(account, resource="bound")
    member.send(BIND.format("again"))
    answer = member.stanza("iq")
    expect(answer.attributes["type"] == "error", "a second bind is an error")
    expect(member.is_alive(), "and the session lives on")
    unbound = house.stranger(opened=True)
    unbound.authenticate(*account)
    unbound.open_stream()
    unbound.send("".join(BIND.format(f"p{n}") for n in range(3)))  # pipelined
    results = [unbound.stanza("iq") for _ in range(3)]
    expect([r.attributes["type"] for r in results] == ["result", "error", "error"], "of three at once, the first counts")
    for resource, fine in (("x" * 1023, True), ("x" * 1024, False), ("\u0000".replace("\0", "&#7;"), None), ("a/b@c", True),
                           ("&lt;&apos;&quot;", True), ("\u00a0", None), ("", True), (" ", None)):
        client = house.stranger(opened=True)
        client.authenticate(*account)
        client.open_stream()
        client.send(BIND.format(resource))
        event = client.next("the answer to bind")
        heard = event.element.attributes.get("type", "stream error") if event.element else event.kind
        expect(fine is None or heard == ("result" if fine else "error"), f"binding {resource[:20]!r}: {heard}")
    for _ in range(5):
        client = house.stranger(opened=True)
        client.authenticate(*account)
        client.open_stream()
        client.send(BIND.format("x" * 2000) * 6)
        expect(client.verdict() == "policy-violation", "nobody tries to bind for ever")
        client.drop()

    # Where stream management is not offered its words do nothing, and nothing is resumed.
    sm = "xmlns='urn:xmpp:sm:3'"
    member.send(f"<a {sm} h='4294967295'/><a {sm} h='-1'/><r {sm}/>")
    for words in f"<enable {sm} resume='true'/>", f"<resume {sm} h='0' previd='x'/>":
        member.send(words)
        expect(member.stanza("failed"), f"{words} is refused")
    resuming = house.stranger(opened=True)
    resuming.authenticate(*account)
    resuming.open_stream()
    resuming.send(f"<resume {sm} h='0' previd='x'/>")
    expect(resuming.stanza("failed").children[0].local == "feature-not-implemented", "instead of bind nothing is resumed")
    expect(eventually(lambda: member.is_alive()), "the account's own session was not touched")
