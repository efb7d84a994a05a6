# SPDX-License-Identifier: Apache-2.0
# Verbs: what actors hear, against patterns.
import time

from ..pattern import Mismatch, has, match
from ..wire import Problem
from ..xml_tree import NAMESPACES, parse_fragment
from .verb import verb


@verb(r"hears nothing")
def hears_nothing(play, actor):
    """Everybody's earlier stanzas are through once their pings are answered; then only pings may be heard here."""
    for other, client in play.clients.items():
        if other != actor and client.jid:
            ping_quietly(play, client)
    client = play.client(actor)
    for target in (play.server.host, play.known[actor.partition("/")[0]]):
        client.send(f"<iq type='get' id='nothing' to='{target}'><ping xmlns='urn:xmpp:ping'/></iq>")
        hear_one_of(play, actor, [parse_fragment("<iq id='nothing'/>")[0]])


def ping_quietly(play, client):
    """A round trip that keeps what else arrives for later."""
    client.send(f"<iq type='get' id='quiet' to='{play.server.host}'><ping xmlns='urn:xmpp:ping'/></iq>")
    kept = []
    while True:
        event = client.next("the answer to a ping")
        if event.kind in ("close", "eof", "broken"):
            kept.append(event)
            break
        if event.kind == "stanza" and event.element.attributes.get("id") == "quiet":
            break
        kept.append(event)
    client.put_back(kept)


@verb(r"hears (\d+) times (.*)")
def hears_often(play, actor, count, text):
    for n in range(int(count)):
        hear_one_of(play, actor, play.patterns(text.replace("{n}", str(n + 1))))


@verb(r"hears again (<.*)")
def hears_again(play, actor, text):
    """The features of the stream that is open now."""
    try:
        match(play.patterns(text)[0], play.client(actor).features, play.known)
    except Mismatch as mismatch:
        offered = play.client(actor).features.show()
        raise Problem(f"{actor} was offered {offered}\n    but expected: {mismatch}") from None


@verb(r"hears failure (\S+)")
def hears_failure(play, actor, condition):
    """RFC 6120 §6.5: SASL failed, with this condition."""
    failure = play.client(actor).hear("stanza", "failure")
    if not failure.children or failure.children[0].local not in condition.split("|"):
        raise Problem(f"{actor} expected failure {condition}, heard {failure.show()}")


@verb(r"is turned away")
def is_turned_away(play, actor):
    """No, in whatever words: SASL failure, stanza error or stream error."""
    event = play.client(actor).next("a refusal")
    refused = event.kind == "stanza" and (
        event.element.local in ("failure", "error") or event.element.attributes.get("type") == "error")
    if not refused:
        raise Problem(f"{actor} expected a refusal, heard {event.show()}")


@verb(r"hears error (\S+)(?: \((\w+)\))?(?: from (\S+))?(?: for (\S+))?")
def hears_error(play, actor, condition, kind=None, sender=None, stanza_id=None):
    """RFC 6120 §8.3: type error, one condition, the type that belongs to it."""
    element = play.client(actor).hear("stanza", "iq", "message", "presence", what=f"error {condition}")
    error = element.child("error", NAMESPACES["client"])
    given = [c.local for c in (error.children if error else []) if c.namespace == NAMESPACES["stanzas"]]
    given = [name for name in given if name != "text"]
    attributes = element.attributes
    wrong = (attributes.get("type") != "error" or len(given) != 1 or given[0] not in condition.split("|")
             or error.attributes.get("type") not in ("auth", "cancel", "continue", "modify", "wait")
             or (kind and error.attributes["type"] != kind)
             or (sender and attributes.get("from") != play.fill(sender))
             or (stanza_id and attributes.get("id") != stanza_id))
    if wrong:
        raise Problem(f"{actor} expected error {condition}, heard {element.show()}")


@verb(r"hears,? in any order:?\s(.*)")
def hears_in_any_order(play, actor, text):
    left = play.patterns(text)
    while left:
        hear_one_of(play, actor, left)


@verb(r"hears eventually (.*)")
def hears_eventually(play, actor, text):
    for pattern in play.patterns(text):
        until = time.monotonic() + 30
        while time.monotonic() < until:
            event = play.client(actor).next(text)
            if event.kind in ("close", "eof", "broken"):
                raise Problem(f"{actor} expected {play.fill(text)}, heard {event.show()}")
            if event.element and has(pattern, event.element, play.known):
                match(pattern, event.element, play.known)
                break
        else:
            raise Problem(f"{actor} heard a lot, but not {play.fill(text)}")


@verb(r"hears (<.*?>)\s+without\s+(<.*)")
def hears_without(play, actor, text, unwanted):
    element = hear_one_of(play, actor, play.patterns(text)[:1])
    for pattern in play.patterns(unwanted):
        if any(has(pattern, child, play.known) for child in element.children):
            raise Problem(f"{actor} heard {pattern.show()} in {element.show()}")


@verb(r"hears (<.*)")
def hears(play, actor, text):
    for pattern in play.patterns(text):
        hear_one_of(play, actor, [pattern])


def hear_one_of(play, actor, patterns):
    """Takes the next element and the pattern that it matches, which is removed from the list."""
    client = play.client(actor)
    event = client.next(play.fill(patterns[0].show()))
    if not event.element:
        raise Problem(f"{actor} expected {play.fill(patterns[0].show())}, heard {event.show()}")
    problem = None
    for pattern in patterns:
        try:
            match(pattern, event.element, play.known)
            patterns.remove(pattern)
            if event.element.local == "features":
                client.features = event.element
            return event.element
        except Mismatch as mismatch:
            problem = problem or mismatch
    raise Problem(f"{actor} heard {event.element.show()}\n    but expected: {problem}")
