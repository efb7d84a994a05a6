# SPDX-License-Identifier: Apache-2.0
# Verbs: subscriptions between accounts (RFC 6121 §3), made before the dialogue is about something else.
from .hearing import hears_eventually
from .logging_in import logs_in
from .verb import verb


@verb(r"and (\S+) are friends")
def are_friends(play, actor, other):
    """Both see each other's presence."""
    introduce(play, (actor, other), (other, actor))


@verb(r"sees (\S+)")
def sees(play, actor, other):
    """The actor is subscribed to the other one's presence, and not the other way round."""
    introduce(play, (actor, other))


def introduce(play, *subscriptions):
    """Nobody is available meanwhile, so no presence is under way when the dialogue begins."""
    noted = len(play.transcript)
    people = {name: f"{name.partition('/')[0]}/befriending" for name in subscriptions[0]}
    for device in people.values():
        logs_in(play, device)
        play.client(device).ask("get", "<query xmlns='jabber:iq:roster'/>")
    for subscriber, contact in subscriptions:
        subscribe(play, people[subscriber], people[contact])
    for device in people.values():
        play.clients.pop(device).close()
    play.transcript[noted:] = [f"{subscriber} ↔ (sees {contact})" for subscriber, contact in subscriptions]


def subscribe(play, subscriber, contact):
    """The contact approves ahead (RFC 6121 §3.4), as requests are shown to those who are available."""
    who, whom = (play.client(device).jid.partition("/")[0] for device in (subscriber, contact))
    play.client(contact).send(f"<presence type='subscribed' to='{who}'/>")
    hears_push(play, contact, f"<item jid='{who}' approved='true'/>")
    play.client(subscriber).send(f"<presence type='subscribe' to='{whom}'/>")
    hears_push(play, subscriber, f"<item jid='{whom}' ask='subscribe'/>")
    hears_push(play, subscriber, f"<item jid='{whom}' ask='{{none}}'/>")


def hears_push(play, actor, item):
    hears_eventually(play, actor, f"<iq type='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
