# SPDX-License-Identifier: Apache-2.0
# Passwords do not stay in the memory of the server after their use (attack 59).
import base64
import re

from started import logged_in, started
from xmpptest.client import Client
from xmpptest.runner import LeftOut, test
from xmpptest.server import is_sanitized


def memory_of(pid):
    """Every readable piece of the process's memory, with its name."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+) *(.*)", line)
            start, end = int(found[1], 16), int(found[2], 16)
            if not found[3].startswith("rw") or (found[4] != "0" and "meerkat" not in found[5]):
                continue
            if end - start > 1 << 32:
                continue  # the shadow that sanitizers keep
            try:
                memory.seek(start)
                yield f"{line.strip()}", start, memory.read(end - start)
            except OSError:
                continue  # guard pages


def traces_of(pid, words):
    """Where the words stand in the memory, with some bytes around them."""
    traces = []
    for name, start, piece in memory_of(pid):
        for word in words:
            at = piece.find(word)
            while at >= 0:
                traces.append(f"{word!r} at {start + at:x} in {name}: {piece[max(0, at - 48):at + len(word) + 24]!r}")
                at = piece.find(word, at + 1)
    return traces


def forms_of(name, password):
    """The password as it stands in the stanza and in the messages of SASL PLAIN; its end alone would tell enough."""
    plain = base64.b64encode(f"\0{name}\0{password}".encode())
    return [password.encode()[2:], plain[len(name) + 8:-4]]


def check(binary, password, mechanism):
    with started(binary, general="core_dumps = true") as server:
        client = logged_in(server, "alice", password, mechanism)
        client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
        changed = password[::-1]
        client.register("alice", changed)
        client.drop()
        client = Client(server.address)
        client.log_in("alice", changed, mechanism=mechanism)
        client.ask("get", "<ping xmlns='urn:xmpp:ping'/>", "localhost")
        traces = traces_of(server.process.pid, forms_of("alice", password) + forms_of("alice", changed))
        client.drop()
    assert not traces, "\n".join(traces)


@test("a password is gone from the memory after registration, PLAIN and a change of the password")
def a_long_password_does_not_stay(binary):
    check(binary, "Tr0ub4dor&3-correct-horse-battery-staple-xylophone", "PLAIN")


@test("one that fits into a string object itself is gone as well")
def a_short_password_does_not_stay(binary):
    if is_sanitized(binary):
        raise LeftOut("sanitizers keep the stacks of functions that ended")
    check(binary, "q7#Vx_9pLw2Z", "PLAIN")


@test("with SCRAM the server sees the password at registration only")
def scram_leaves_no_password(binary):
    check(binary, "Kv8!mN2-zeppelin-quartz-11", "SCRAM-SHA-256")
