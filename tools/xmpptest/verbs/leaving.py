# SPDX-License-Identifier: Apache-2.0
# Verbs: how streams and connections end.
from ..wire import Problem
from ..xml_tree import NAMESPACES
from .verb import verb


@verb(r"hears the end")
def hears_the_end(play, actor):
    play.client(actor).hear("close", what="</stream:stream>")


@verb(r"hears the end of the connection")
def hears_the_end_of_the_connection(play, actor):
    event = play.client(actor).next("the end of the connection")
    if event.kind not in ("eof", "broken"):
        raise Problem(f"{actor} expected the end of the connection, heard {event.show()}")


@verb(r"hears stream error (\S+)")
def hears_stream_error(play, actor, condition):
    """RFC 6120 §4.9.1.1: the error, then the end of the stream, then the end of the connection. What was handled may be
    said before (XEP-0198 §4)."""
    allowed = condition.split("|")
    before = play.client(actor).next(f"stream error {condition}")
    if before.element is None or before.element.name != "{urn:xmpp:sm:3}a":
        play.client(actor).put_back([before])
    error = play.client(actor).hear("stanza", "error", what=f"stream error {condition}")
    given = [c.local for c in error.children if c.namespace == NAMESPACES["stream_errors"] and c.local != "text"]
    if len(given) != 1 or given[0] not in allowed:
        raise Problem(f"{actor} expected stream error {condition}, heard {error.show()}")
    hears_the_end(play, actor)
    is_closed(play, actor)


@verb(r"hears at last stream error (\S+)")
def hears_at_last_stream_error(play, actor, condition):
    client = play.client(actor)
    while True:
        event = client.next(f"stream error {condition}")
        if event.kind != "stanza" or event.element.local == "error":
            client.put_back([event])
            return hears_stream_error(play, actor, condition)


@verb(r"is closed")
def is_closed(play, actor):
    client = play.client(actor)
    client.send("</stream:stream>")
    event = client.next("the end of the connection")
    if event.kind == "close":
        event = client.next("the end of the connection")
    if event.kind != "eof":
        raise Problem(f"{actor} expected the end of the connection, heard {event.show()}")


@verb(r"closes")
def closes(play, actor):
    play.client(actor).close()
    del play.clients[actor]


@verb(r"resets")
def resets(play, actor):
    play.clients.pop(actor).reset()


@verb(r"drops")
def drops(play, actor):
    play.clients.pop(actor).drop()
