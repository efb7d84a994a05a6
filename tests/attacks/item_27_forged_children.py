# SPDX-License-Identifier: Apache-2.0
# Item 27, as far as the present features can judge: delays (XEP-0203 §5, XEP-0091) and stanza ids (XEP-0359 §5) that claim
# to be of this server or of its accounts do not arrive; answers to requests count only from whom they were asked of.
# Copies and hints are in item_27_forged_copies.py. What joins later: occupant ids (MUC), archive results (MAM).
from kit import expect


def attack(house):
    reader, sender = house.member(), house.member()
    forged = [f"<delay xmlns='urn:xmpp:delay' from='{who}' stamp='2002-09-10T23:08:25Z'>Offline Storage</delay>"
              for who in ("localhost", "LOCALHOST", "localhost.", "other.test", sender.bare, reader.bare, reader.jid,
                          "localhost/x", "local&#x68;ost", "nobody@localhost")]
    forged += [f"<x xmlns='jabber:x:delay' from='{who}' stamp='20020910T23:08:25'/>" for who in ("localhost", reader.bare)]
    forged += [f"<stanza-id xmlns='urn:xmpp:sid:0' by='{who}' id='1'/>"
               for who in (reader.bare, "localhost", sender.bare, sender.jid)]
    forged += ["<d:delay xmlns:d='urn:xmpp:delay' from='localhost' stamp='x'/>",
               "<delay from='localhost' stamp='x' xmlns='urn:xmpp:delay'/>"]
    for number, child in enumerate(forged):
        for kind in "message", "presence":
            sender.send(f"<{kind} to='{reader.jid}' id='f{number}'><show>away</show>{child}<a/>{child}</{kind}>")
            got = reader.stanza(kind)
            expect(got.attributes["id"] == f"f{number}" and [c.local for c in got.children] == ["show", "a"],
                   f"{child} arrives: {got.show()}")
    expect(sender.is_alive(), "and is no reason to end a session")
    # All of a stanza may be forged, and with the declaration on the stanza itself.
    many = "<d:delay from='localhost'/>" * 1000
    sender.send(f"<message to='{reader.jid}' xmlns:d='urn:xmpp:delay'>{many}</message>")
    expect(not reader.stanza("message").children, "a thousand forged stamps go the same way")
    honest = [f"<delay xmlns='urn:xmpp:delay' from='{sender.jid}' stamp='2002-09-10T23:08:25Z'/>",
              "<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>", "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>",
              "<delay xmlns='urn:xmpp:delay' from='room@far.example' stamp='2002-09-10T23:08:25Z'/>",
              "<stanza-id xmlns='urn:xmpp:sid:0' by='room@far.example' id='1'/>"]
    for child in honest:
        sender.send(f"<message to='{reader.jid}'>{child}</message>")
        expect(len(reader.stanza("message").children) == 1, f"{child} is honest, and arrives")
    # A result nobody asked for, in whosever name, is nobody's answer.
    for to in "localhost", reader.bare, sender.bare, "nobody@localhost", "nobody@localhost/x":
        for kind in "result", "error":
            sender.send(f"<iq type='{kind}' id='guessed' to='{to}'/>")
    heard = reader.hears_nothing_but(within=0.1)
    expect(not heard and sender.is_alive(), f"forged answers reach nobody: {heard}")
