# SPDX-License-Identifier: Apache-2.0
# Item 8: what comes before the header, a second header, stanzas behind the end, wrong namespaces, other protocols.
from kit import HEADER, Refused, each_is_answered, expect

START = HEADER.format(host="localhost")
BEFORE = [
    ("a stanza first", "<message><body>x</body></message>", ("bad-format", "invalid-namespace")),
    ("SASL first", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>", ("bad-format", "not-well-formed")),
    ("text first", "hello" + START, ("not-well-formed", "bad-format")),
    ("an end first", "</stream:stream>", "not-well-formed"),
    ("a header that is closed", START[:-1] + "/>", "not-well-formed"),
    ("a WebSocket's header", "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>",
     ("not-well-formed", "bad-format")),
    ("a header of servers", START.replace("jabber:client", "jabber:server"), "invalid-namespace"),
    ("a header of components", START.replace("jabber:client", "jabber:component:accept"), "invalid-namespace"),
    ("a header of no namespace", START.replace("etherx", "example"), "invalid-namespace"),
    ("another prefix", START.replace("stream:stream", "s:stream").replace("xmlns:stream", "xmlns:s"),
     "bad-namespace-prefix"),
    ("another element", START.replace("stream:stream", "stream:streams"), "bad-format"),
    ("an unknown host", HEADER.format(host="nowhere.invalid"), "host-unknown"),
    ("a host that is a path", HEADER.format(host="../localhost"), "host-unknown"),
    ("another version", START.replace("'1.0' xml", "'0.9' xml"), "unsupported-version"),
    ("another encoding", START.replace("<?xml version='1.0'", "<?xml version='1.0' encoding='ISO-8859-1'"),
     "unsupported-encoding"),
    ("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "not-well-formed"),
    ("HTTP that holds a header", "POST / HTTP/1.1\r\nHost: x\r\n\r\n" + START, "not-well-formed"),
    ("SSH", "SSH-2.0-OpenSSH_9.2\r\n", "not-well-formed"),
    ("TLS where STARTTLS is due", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "not-well-formed"),
]
AFTER = [
    ("a second header", START.partition("?>")[2], ("unsupported-stanza-type", "policy-violation")),
    ("a second header in pieces", "<stream:stream ", ("unsupported-stanza-type", "policy-violation")),
    ("a stanza before login", "<message to='localhost'><body>x</body></message>", "not-authorized"),
    ("a bind before login", "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", "not-authorized"),
    ("a wrong end", "</stream:streams>", "not-well-formed"),
    ("an end of something else", "</message>", "not-well-formed"),
]
LOGGED_IN = AFTER[:2] + AFTER[4:] + [
    ("SASL again", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>", "unsupported-stanza-type"),
    ("STARTTLS again", "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "unsupported-stanza-type"),
    ("dialback", "<db:result xmlns:db='jabber:server:dialback' to='localhost' from='x'>k</db:result>",
     "unsupported-stanza-type"),
]


def attack(house):
    with house.bounded("disorder", seconds=20):
        each_is_answered(house, BEFORE, opened=False)
        each_is_answered(house, AFTER)
        each_is_answered(house, LOGGED_IN, logged_in=True)
    # After success nothing but bind is heard.
    for words in ("<message to='{0}'><body>too early</body></message>", "<presence to='{0}'/>"):
        victim, hasty = house.member(), house.stranger(opened=True)
        hasty.authenticate(*house.account())
        hasty.open_stream()
        hasty.send(words.format(victim.jid))
        expect(hasty.verdict() == "not-authorized", "a stanza before bind is not authorized")
        expect(not victim.hears_nothing_but(within=0.1), "and reaches nobody")
    # What stands behind the end of a stream is never heard.
    sender, victim = house.member(), house.member()
    sender.send(f"</stream:stream><message to='{victim.jid}' type='chat'><body>from beyond</body></message>")
    expect(sender.verdict() == "closed", "an end is answered with an end")
    expect(not victim.hears_nothing_but("presence", within=0.2), "nothing comes from beyond the end of a stream")
    try:
        house.member(sender.account, resource="again")
    except Refused as refusal:
        expect(False, f"the account lives on, but {refusal}")
