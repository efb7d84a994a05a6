# SPDX-License-Identifier: Apache-2.0
# Verbs: what actors send.
from ..client import Refused
from ..pattern import substitute
from .verb import unescape, verb


@verb(r"sends bytes \"(.*)\"")
def sends_bytes(play, actor, text):
    play.client(actor).send(unescape(substitute(text, play.known)).encode("latin-1"))


@verb(r"sends byte by byte (.*)")
def sends_slowly(play, actor, text):
    play.client(actor).send_bytes_one_by_one(play.fill(text))


@verb(r"sends (\d+) times (.*)")
def sends_often(play, actor, count, text):
    text = play.fill(text)
    play.client(actor).send("".join(text.replace("{n}", str(n + 1)) for n in range(int(count))))


@verb(r"sends (.*)")
def sends(play, actor, text):
    play.client(actor).send(play.fill(text))


@verb(r"pings")
def pings(play, actor):
    try:
        play.client(actor).ask("get", "<ping xmlns='urn:xmpp:ping'/>", play.server.host)
    except Refused:
        pass  # an answer all the same
