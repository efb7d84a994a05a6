# SPDX-License-Identifier: Apache-2.0
# Verbs: accounts, SASL, binding, the first presence.
import re

from ..client import Refused
from ..wire import Problem
from .connecting import connect, connects
from .hearing import hears_eventually
from .verb import verb


@verb(r"is (not )?offered (\S+)")
def is_offered(play, actor, negation, mechanism):
    offered = play.client(actor).mechanisms()
    if (mechanism in offered) == bool(negation):
        raise Problem(f"{actor} is offered {', '.join(offered)}")


@verb(r"registers")
def registers(play, actor):
    name, password = play.account(actor)
    play.client(actor).register(name, password)
    play.known[f"{name} exists"] = "yes"


@verb(r"exists")
def exists(play, actor):
    name, password = play.account(actor)
    if play.known.get(f"{name} exists"):
        return
    play.known[f"{name} exists"] = "yes"
    noted = len(play.transcript)
    connect(play, "(registrar)", False)
    registrar = play.clients.pop("(registrar)")
    try:
        registrar.secure()
        registrar.register(name, password)
    finally:
        registrar.drop()
    play.transcript[noted:] = [f"{actor} ↔ (is registered as {name})"]


@verb(r'authenticates((?: with \S+)?(?: \w+ "[^"]*")*)')
def authenticates(play, actor, words):
    client = play.client(actor)
    client.authenticate(*mechanism(play, actor, words))
    client.open_stream()


@verb(r'is refused((?: with \S+)?(?: \w+ "[^"]*")*): (\S+)')
def is_refused(play, actor, words, condition):
    try:
        play.client(actor).authenticate(*mechanism(play, actor, words))
    except Refused as refusal:
        if refusal.condition not in condition.split("|"):
            raise
        return
    raise Problem(f"{actor} was authenticated, expected {condition}")


def mechanism(play, actor, words):
    name, password = play.account(actor)
    options = {key: play.fill(value) for key, value in re.findall(r'(\w+) "([^"]*)"', words)}
    found = re.search(r"with (\S+)", words)
    flag, bound_to = options.get("flag", "n"), b""
    if "binding" in options:
        flag, bound_to = "p=" + options["binding"], play.client(actor).channel_binding(options["binding"])
    bound_to = options["data"].encode() if "data" in options else bound_to
    return [options.get("name", name), options.get("password", password), found and found[1],
            options.get("authzid", ""), flag, bound_to]


@verb(r"binds(?: (\S+))?")
def binds(play, actor, resource=None):
    full = play.client(actor).bind(resource and play.fill(resource))
    play.known |= {f"{actor}.full": full, f"{actor}.resource": full.partition("/")[2]}
    if "/" in actor:
        play.known[actor] = full


@verb(r"logs in( without TLS)?( with \S+)?")
def logs_in(play, actor, without_tls=None, words=""):
    noted = len(play.transcript)
    exists(play, actor)
    connects(play, actor)
    client = play.clients[actor]
    client.open_stream() if without_tls else client.secure()
    client.authenticate(*mechanism(play, actor, words or ""))
    client.open_stream()
    binds(play, actor, actor.partition("/")[2] or None)
    play.transcript[noted:] = [f"{actor} ↔ (is logged in as {client.jid})"]


@verb(r"logs in( without TLS)? on (\d+) devices")
def logs_in_often(play, actor, without_tls, count):
    """ACTOR/1, ACTOR/2 and so on."""
    for number in range(int(count)):
        logs_in(play, f"{actor}/{number + 1}", without_tls)


@verb(r"is available(?: with priority (-?\d+))?")
def is_available(play, actor, priority=None):
    client = play.client(actor)
    client.send(f"<presence><priority>{priority}</priority></presence>" if priority else "<presence/>")
    hears_eventually(play, actor, f"<presence from='{client.jid}' type='{{none}}'/>")
