# SPDX-License-Identifier: Apache-2.0
# Item 18: once it is known whose stream it is, the host is pinned, across restarts of the stream (CVE-2018-10847).
from kit import HEADER, NS, Refused, expect


def header(to, sender=None):
    text = HEADER.format(host=to)
    return text.replace("<stream:stream", f"<stream:stream from='{sender}'") if sender else text


def attack(house):
    here = house.account("here")
    there = house.account("there", host="other.test")
    for to, sender, wanted in (
            ("other.test", None, "host-unknown"), ("nowhere.invalid", None, "host-unknown"),
            ("localhost", f"{there[0]}@other.test", "invalid-from"), ("localhost", "other@localhost", "invalid-from"),
            ("localhost", "@", "invalid-from"), ("other.test", f"{here[0]}@other.test", "host-unknown")):
        client = house.stranger(tls=True, opened=True)
        client.authenticate(*here)
        client.send(header(to, sender))
        heard = client.verdict()
        expect(heard == wanted, f"after login, a header to {to} from {sender} ends with {heard}")
    for password_of in here, there:  # the account of one host is none of the other's
        client = house.stranger(tls=True, opened=True, host="other.test" if password_of is here else "localhost")
        try:
            client.authenticate(*password_of)
            expect(False, f"{password_of[0]} logs in at the other host")
        except Refused as refusal:
            expect(refusal.condition == "not-authorized", f"at the other host: {refusal.condition}")
    # Before login a client may still change its mind; what counts is the last header.
    client = house.stranger(opened=True, host="other.test")
    client.send(f"<starttls xmlns='{NS['tls']}'/>")
    client.hear("stanza", "proceed")
    client.handshake()
    client.open_stream("localhost")
    client.authenticate(*here)
    client.open_stream("localhost")
    expect(client.bind().partition("/")[0] == f"{here[0]}@localhost", "the address is of the host that was authenticated")
    # A session of one host cannot name the other in what it sends.
    for sender in f"{here[0]}@other.test", "other.test":
        member = house.member(here, resource="r")
        member.send(f"<message from='{sender}' to='{here[0]}@localhost'><body>x</body></message>")
        expect(member.verdict() == "invalid-from", f"{sender} is invalid from another host")
