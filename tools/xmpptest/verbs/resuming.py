# SPDX-License-Identifier: Apache-2.0
# Verbs: stream management (XEP-0198), and connections that are lost without a goodbye.
import socket

from ..wire import DEADLINE, Problem
from .connecting import connects
from .hearing import hear_one_of
from .logging_in import exists, mechanism
from .verb import verb

SM = "urn:xmpp:sm:3"


@verb(r"is authenticated( with \S+)?")
def is_authenticated(play, actor, words=""):
    """Up to the features that offer binding and resumption."""
    noted = len(play.transcript)
    exists(play, actor)
    connects(play, actor)
    client = play.clients[actor]
    client.secure()
    client.authenticate(*mechanism(play, actor, words or ""))
    client.open_stream()
    play.transcript[noted:] = [f"{actor} ↔ (is authenticated)"]


@verb(r"is managed")
def is_managed(play, actor):
    """Stanzas are counted from here on, both ways; the stream cannot be resumed."""
    enabled = enable(play, actor, f"<enable xmlns='{SM}'/>")
    if "resume" in enabled.attributes:
        raise Problem(f"{actor} did not wish to resume, and heard {enabled.show()}")


@verb(r"is resumable(?: for (\d+) s)?")
def is_resumable(play, actor, seconds=None):
    """Stanzas are counted from here on, both ways; {ACTOR.sm} is the id to resume with."""
    wish = f" max='{seconds}'" if seconds else ""
    enabled = enable(play, actor, f"<enable xmlns='{SM}' resume='true'{wish}/>")
    play.known[f"{actor}.sm"] = enabled.attributes["id"]


def enable(play, actor, request):
    """The answer. Presence that comes before is not counted, and nobody waits for it."""
    client = play.client(actor)
    client.send(request)
    while (element := client.hear("stanza", "enabled", "presence")).local != "enabled":
        pass
    return element


@verb(r"resumes(?: (\S+))? at (\d+)")
def resumes(play, actor, former=None, handled="0"):
    """A new connection takes over the session of the former one, or of the actor itself, which heard so many stanzas."""
    former = former or actor
    is_authenticated(play, actor)
    previd = play.known[f"{former}.sm"]
    play.client(actor).send(f"<resume xmlns='{SM}' previd='{previd}' h='{handled}'/>")
    hear_one_of(play, actor, play.patterns(f"<resumed xmlns='{SM}' previd='{previd}' h='{{number}}'/>"))
    full = play.client(actor).jid = play.known[f"{former}.full"]
    play.known |= {f"{actor}.full": full, f"{actor}.sm": previd}
    if "/" in actor:
        play.known[actor] = full


@verb(r"acknowledges (\d+)")
def acknowledges(play, actor, handled):
    """So many stanzas were heard. The server has taken note when this is done."""
    play.client(actor).send(f"<a xmlns='{SM}' h='{handled}'/><r xmlns='{SM}'/>")
    hear_one_of(play, actor, play.patterns(f"<a xmlns='{SM}' h='{{number}}'/>"))


@verb(r"breaks off")
def breaks_off(play, actor):
    """The connection ends without </stream:stream> (FIN), and the server has seen it when this is done."""
    client = play.clients.pop(actor)
    client.another_socket().shutdown(socket.SHUT_WR)
    while client.next("the end of the connection").kind not in ("eof", "broken"):
        pass
    client.drop()


@verb(r"falls silent")
def falls_silent(play, actor):
    """The connection stays, and nothing is said or answered any more."""
    client = play.clients.pop(actor)
    client.jid = None
    play.clients[f"({actor}, silent)"] = client


@verb(r"is cut off")
def is_cut_off(play, actor):
    """Says nothing until the other side ends the connection."""
    client = play.clients.pop(actor)
    while client.next("the end of the connection", 2 * DEADLINE).kind not in ("eof", "broken"):
        pass
    client.drop()
