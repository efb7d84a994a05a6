# SPDX-License-Identifier: Apache-2.0
# Item 29: no answer to an error, no answer to an answer (RFC 6120 §8.3.1): between addresses that do not exist, have gone,
# or are one's own. What joins later: components, MUC invitations, push services.
from kit import expect

ERROR = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
SILENT = [
    "<message to='{}' type='error' id='{}'>" + ERROR + "</message>", "<message to='{}' type='error' id='{}'/>",
    "<iq to='{}' type='error' id='{}'>" + ERROR + "</iq>", "<iq to='{}' type='result' id='{}'/>",
    "<iq to='{}' type='error' id='{}'/>",
    "<presence to='{}' type='error' id='{}'>" + ERROR + "</presence>", "<presence to='{}' type='unavailable' id='{}'/>",
]


def attack(house):
    gone = house.member(resource="gone")
    jid, bare = gone.jid, gone.bare
    gone.drop()
    member = house.member()
    nowhere = ["nobody@localhost", "nobody@localhost/x", bare, jid, "localhost", "localhost/x", "other.test", "far.example",
               "a@far.example/b", f"{member.bare}/other"]
    for to in nowhere:
        for number, frame in enumerate(SILENT):
            member.send(frame.format(to, f"s{number}"))
    heard = member.hears_nothing_but(within=0.3)
    expect(not heard, f"errors and results are answered: {heard[:3]}")

    # A question into the void is answered once.
    for to in nowhere[:4] + nowhere[7:-1]:
        member.send(f"<message to='{to}' type='chat' id='q'><body>x</body></message>")
        answer = member.stanza("message")
        expect(answer.attributes["type"] == "error" and answer.attributes["from"] == to, f"{to} answers with one error")
    heard = member.hears_nothing_but(within=0.1)
    expect(not heard, f"and with no second: {heard}")

    # Two who send each other's errors back and forth can do so, the server adds none; to oneself it ends at once.
    left, right = house.member(), house.member()
    left.send(f"<message to='{right.jid}' type='error' id='ping'/>")
    expect(right.stanza("message").attributes["id"] == "ping", "an error between clients is theirs")
    left.send(f"<message to='{left.jid}' type='error' id='self'/><message to='{left.bare}' type='error' id='own'/>"
              f"<iq type='error' id='e' to='{left.bare}'/><iq type='result' id='e'/>")
    expect(left.stanza("message").attributes["id"] == "self", "to one's own full address it arrives")
    expect(not left.hears_nothing_but(within=0.1) and not right.hears_nothing_but(within=0.05), "and that is all")
    # What was refused because its reader broke off is not refused twice.
    reader, writer = house.member(resource="r"), house.member()
    for number in range(20):
        writer.send(f"<message to='{reader.bare}' type='chat' id='b{number}'><body>x</body></message>")
    reader.reset()
    ids = []
    while len(ids) < 20:
        stanza = writer.stanza("message")
        ids.append(stanza.attributes["id"])
    expect(sorted(ids) == sorted(f"b{n}" for n in range(20)), "each comes back once")
    expect(not writer.hears_nothing_but(within=0.2), "and no more")
