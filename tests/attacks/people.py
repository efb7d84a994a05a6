# SPDX-License-Identifier: Apache-2.0
# What people of tests/attacks/configs/people.toml do: befriend each other, ask for what is kept of them.
import time

from kit import Refused, expect
from xmpptest.waiting import eventually
from xmpptest.wire import Problem

ROSTER = "<query xmlns='jabber:iq:roster'/>"
VCARD = "<vCard xmlns='vcard-temp'/>"
BLOCKLIST = "<blocklist xmlns='urn:xmpp:blocking'/>"
PRIVACY = "<query xmlns='jabber:iq:privacy'/>"
CARBONS = "urn:xmpp:carbons:2"


def notes(content=""):
    """Private data."""
    return f"<query xmlns='jabber:iq:private'><notes xmlns='urn:example:notes'>{content}</notes></query>"


def vcard(name, more=""):
    return f"<vCard xmlns='vcard-temp'><FN>{name}</FN>{more}</vCard>"


def block(*addresses):
    return "<block xmlns='urn:xmpp:blocking'>" + "".join(f"<item jid='{jid}'/>" for jid in addresses) + "</block>"


def privacy_list(name, *items):
    return f"<query xmlns='jabber:iq:privacy'><list name='{name}'>{''.join(items)}</list></query>"


def outcome(client, kind, payload, to=None):
    """"result", or the condition of the error."""
    try:
        client.ask(kind, payload, to)
        return "result"
    except Refused as refusal:
        return refusal.condition


def contacts(client):
    """Address and subscription of each."""
    answer = client.ask("get", ROSTER)
    return {item.attributes["jid"]: item.attributes["subscription"] for query in answer.children for item in query.children}


def kept(client, what, of=None):
    """What the answer has, as text, or the condition of the error."""
    try:
        answer = client.ask("get", what, of)
    except Refused as refusal:
        return refusal.condition
    return "".join(child.show(payload.namespace) for payload in answer.children for child in payload.children)


def befriend(one, other):
    """Each sees the other's presence (RFC 6121 §3, with what is approved before it is asked for)."""
    for client, contact in ((one, other), (other, one)):
        client.send(f"<presence type='subscribed' to='{contact.bare}'/>")
        client.is_alive()
    for client, contact in ((one, other), (other, one)):
        client.send(f"<presence type='subscribe' to='{contact.bare}'/>")
    for client, contact in ((one, other), (other, one)):
        expect(eventually(lambda: contacts(client).get(contact.bare) == "both", every=0.05), "they are friends")


def heard_by(client, local, within=0.3):
    """All stanzas of that name, until there is silence for so long."""
    found = []
    while True:
        try:
            event = client.next(within=within)
        except Problem:
            return found
        if event.kind == "eof":
            return found
        if event.kind == "stanza" and event.element.local == local:
            found.append(event.element)


def told(client, local="message", within=0):
    """All stanzas of that name which were on their way to the client, and those that come within so much silence."""
    client.send("<iq type='get' id='told' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    found, until = [], time.monotonic() + 20
    while True:
        element = client.next("an answer to a ping", within=max(0.01, until - time.monotonic())).element
        if element is not None and element.local == "iq" and element.attributes.get("id") == "told":
            return found + (heard_by(client, local, within) if within else [])
        if element is not None and element.local == local:
            found.append(element)


def body_of(message):
    body = message.child("body")
    return body.text if body else None
