# SPDX-License-Identifier: Apache-2.0
# Attackers with stream management (XEP-0198).
SM = "urn:xmpp:sm:3"


def enable(client):
    """The id of its session."""
    client.send(f"<enable xmlns='{SM}' resume='true'/>")
    return client.stanza("enabled").attributes["id"]


def acknowledge(client, count):
    client.send(f"<a xmlns='{SM}' h='{count}'/>")


def authenticated(house, account):
    """Somebody who may bind or resume."""
    client = house.stranger(opened=True)
    client.authenticate(*account)
    client.open_stream()
    return client


def resume(client, previous, count=0):
    client.send(f"<resume xmlns='{SM}' previd='{previous}' h='{count}'/>")
