# SPDX-License-Identifier: Apache-2.0
# Item 14: renegotiation (TLS 1.2), floods of key updates (TLS 1.3, where the records are our own after the handshake),
# huge client certificates, names of foreign hosts, protocols that are not ours (ALPACA), broken handshakes.
import ssl
import struct

from kit import HEADER, MB, Problem, eventually, expect
from openssl_client import TLS1_2, TLS1_3, OpenSsl

CONFIG = "certified"
START = HEADER.format(host="localhost").encode()


def opened(house, version):
    client = OpenSsl(house.server.tls_address, version)
    expect(client.handshake(), "the handshake succeeds")
    expect(client.send(START) and client.receive_until(b"</stream:features>"), "the stream opens")
    return client


def renegotiation(house):
    with house.bounded("renegotiation", cpu=1.0):
        for _ in range(20):
            client = opened(house, TLS1_2)
            expect(not client.renegotiate(), "nobody renegotiates")
            client.close()


def key_updates(house):
    count = 100000 if house.hard else 4000
    for asks in True, False:
        with house.bounded(f"{count} key updates", memory=4 * MB, peak=8 * MB, cpu=count / 5000):
            client = opened(house, TLS1_3)
            sent = sum(client.update_key(asks) for _ in range(count))
            works = client.send(b"<iq type='get' id='k'><query xmlns='jabber:iq:register'/></iq>")
            expect(sent < count or works and client.receive_until(b"</iq>"),
                   "after the flood the stream goes on, or it has ended")
            client.close()


def certificates(house):
    authority = house.server.authority()
    good = authority.issue(["somebody@localhost"])
    huge = house.server.directory / "huge.pem"
    text = good.read_text(encoding="ascii")
    certificate = text[text.index("-----BEGIN CERTIFICATE"):]
    huge.write_text(text + certificate * 600, encoding="ascii")
    with house.bounded("huge client certificates", peak=12 * MB, cpu=2.0):
        for _ in range(5):
            client = house.stranger_in_clear()
            client.certificate = huge
            try:
                client.handshake()
                client.open_stream()
                expect(False, "a chain of 600 certificates is refused")
            except Problem:
                pass


def names(house):
    foreign = house.stranger_in_clear()
    foreign.server_name = "bank.example"
    foreign.handshake()
    expect(foreign.was_shown_certificate_of("localhost"), "a foreign name gets the certificate of the house")
    expect(not foreign.was_shown_certificate_of("bank.example"), "and none is made up for it")
    for name in "a" * 63 + ".example", "127.0.0.1", ".".join(["x" * 60] * 4):
        client = house.stranger_in_clear()
        client.server_name = name
        client.tries_handshake()


def protocols(house):
    for offered, good in ((["http/1.1"], False), (["h2", "smtp"], False), (["xmpp-server"], False), (["x" * 255], False),
                          (["http/1.1", "xmpp-client"], True), (["xmpp-client"], True)):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(offered)
        client = house.stranger_in_clear()
        with client.another_socket() as bare:
            try:
                inside = context.wrap_socket(bare, server_hostname="localhost")
                agreed = inside.selected_alpn_protocol()
                inside.close()
            except (ssl.SSLError, OSError):
                agreed = None
        expect((agreed == "xmpp-client") == good, f"offered {offered}, agreed on {agreed}")


def broken_handshakes(house):
    shapes = [b"\x16\x03\x01" + struct.pack(">H", 16384) + b"\x01\xff\xff\xff" + b"\0" * 16380,  # a 16 MB ClientHello
              b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"\x80\x2e\x01\x00\x02" + b"x" * 60,  # too long; SSLv2
              b"\x15\x03\x01\x00\x02\x02\x28" * 2000, b"\x16\x03\x01\x00\x00" * 5000,  # alerts; empty records
              b"\x14\x03\x03\x00\x01\x01" * 5000, b"\x17\x03\x03\x00\x20" + b"x" * 32, b"\0" * 5000]
    for shape in shapes:
        with house.bounded("a broken handshake", memory=4 * MB, peak=8 * MB, cpu=0.5):
            client = house.stranger_in_clear()
            client.send(shape * (1 if len(shape) > 60000 else 3))
            with client.another_socket() as bare:
                bare.settimeout(10)
                try:
                    while bare.recv(65536):
                        pass
                except OSError:
                    pass


def attack(house):
    renegotiation(house)
    key_updates(house)
    certificates(house)
    names(house)
    protocols(house)
    broken_handshakes(house)
    expect(eventually(lambda: house.stranger(tls=True, opened=True)), "and everybody else gets in")
