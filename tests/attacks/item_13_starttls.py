# SPDX-License-Identifier: Apache-2.0
# Item 13: what was sent in the clear behind <starttls/> counts for nothing inside TLS (CVE-2011-0411 and its family);
# where TLS is required nothing else is offered or heard; plain text behind <proceed/> ends the connection.
from kit import HEADER, NS, Problem, Refused, expect

CONFIG, WATCH_INSIDE_TLS = "secured", True
STARTTLS = f"<starttls xmlns='{NS['tls']}'/>"
START = HEADER.format(host="localhost")


def registration(name):
    return (f"<iq type='set' id='r'><query xmlns='{NS['register']}'><username>{name}</username><password>x</password>"
            "</query></iq>")


def attack(house):
    injections = {
        "a registration": registration("injected"), "a header": START,
        "a header and a registration": START + registration("injected"),
        "a login": f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>AGFhAGJi</auth>", "another starttls": STARTTLS,
        "half a stanza": "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>", "rubbish": "\0\xff<<<",
        "an end": "</stream:stream>", "white space": " " * 5000}
    for name, injected in injections.items():
        client = house.stranger(opened=True)
        client.send(STARTTLS + injected)
        client.hear("stanza", "proceed")
        client.handshake()
        heard = client.hears_nothing_but(within=0.05)
        expect(not heard, f"{name} before the handshake is answered behind it: {heard}")
        client.open_stream()
        client.send("<iq type='get' id='g'><query xmlns='jabber:iq:register'/></iq>")
        expect(client.stanza("iq").attributes["id"] == "g", f"after {name} the stream begins anew")
    fresh = house.stranger(secured=True)
    fresh.register("injected", "mine")  # nobody has it yet

    for name, words in {"a login": f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>AGFhAGJi</auth>",
                        "a registration": registration("early")}.items():
        client = house.stranger(opened=True)
        expect([child.local for child in client.features.children if child.local not in ("starttls", "limits")] == [],
               "nothing but TLS is offered where it is required")
        expect(client.features.child("starttls").child("required"), "and it is called required")
        client.send(words)
        expect(client.verdict() == "policy-violation", f"{name} before TLS is refused")

    # Plain text behind <proceed/> is no TLS.
    for words in START, "<auth/>", "GET / HTTP/1.0\r\n\r\n":
        client = house.stranger(opened=True)
        client.send(STARTTLS)
        client.hear("stanza", "proceed")
        with client.another_socket() as bare:
            bare.settimeout(5)
            bare.sendall(words.encode())
            told, more = b"", bare.recv(4096)
            while more:
                told += more
                more = bare.recv(4096)
        expect(b"<" not in told, f"plain text behind proceed was answered in plain text: {told!r}")

    # Twice, or inside of TLS: failure, and the end.
    client = house.stranger(secured=True)
    client.send(STARTTLS)
    client.hear("stanza", "failure")
    expect(client.verdict() == "closed", "TLS inside TLS is a failure")

    # Who one claimed to be in the clear is forgotten.
    client = house.stranger()
    client.send(START.replace("to=", "from='admin@localhost' to="))
    client.hear("open", "stream")
    client.hear("stanza", "features")
    client.start_tls()
    name = house.server.new_account("honest")
    client.register(*name)
    try:
        client.authenticate(*name)
    except (Refused, Problem) as problem:
        expect(False, f"what was claimed before TLS is remembered: {problem}")
