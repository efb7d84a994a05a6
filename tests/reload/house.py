# SPDX-License-Identifier: Apache-2.0
# A running server whose configuration file is changed under it, and sessions that must not notice.
import contextlib
import re
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from xmpptest.certificates import make_self_signed
from xmpptest.client import Client
from xmpptest.exposition import Exposition
from xmpptest.server import Server, free_port, running
from xmpptest.waiting import SLOWNESS, eventually
from xmpptest.wire import Problem

DEADLINE = 20.0 * SLOWNESS
PARTS = {
    "general": 'loglevel = "notice"',
    "workers": "2",
    "hosts": '["localhost"]',
    "limits": "",
    "listen": "",
    "c2s": "",
    "auth": "",
    "access": "",
    "modules": "[modules.mod_register]\n[modules.mod_ping]\n[modules.mod_disco]",
}
TEXT = """
[general]
  hosts = {hosts}
  default_server_domain = "localhost"
  registration_timeout = "infinity"
  worker_threads = {workers}
  {general}

[limits]
  {limits}

[[listen.c2s]]
  port = {port}
  ip_address = "127.0.0.1"
  tls.mode = "starttls"
  tls.certfile = "{directory}/show.crt"
  tls.keyfile = "{directory}/show.key"
  {c2s}

{listen}

[auth]
  {auth}
  password.hash = ["sha256"]
  password.scram_iterations = 4096
  [auth.internal]

[internal_databases.embedded]
  directory = "{directory}/data"

{access}

{modules}
"""


class House(Server):
    def __init__(self, binary):
        super().__init__(binary, Path("unused"), tempfile.mkdtemp(prefix="meerkat-reload-"))
        self.port, self.parts = free_port(), dict(PARTS)
        make_self_signed("localhost", self.directory / "show.pem")
        self.template = self.directory / "template.toml"
        self.template.write_text(self.text(), encoding="utf-8")

    def text(self):
        return TEXT.format(port=self.port, directory=self.directory, **self.parts)

    def wait_for(self, what, count):
        if not eventually(lambda: len(self.logged(what)) >= count, DEADLINE):
            raise Problem(f"no {what} in the log")
        return self.logged(what)[-1]

    def write(self, **parts):
        self.parts.update(parts)
        (self.directory / "meerkat.toml").write_text(self.text(), encoding="utf-8")

    def hang_up(self, outcome="reloaded"):
        count = len(self.logged(outcome))
        self.process.send_signal(signal.SIGHUP)
        return self.wait_for(outcome, count + 1)

    def change(self, **parts):
        """Writes the file and has it taken."""
        self.write(**parts)
        return self.hang_up()

    def hosts_with_metrics(self):
        told = subprocess.run([self.binary, "metrics", "--config", self.directory / "meerkat.toml"], check=True,
                              capture_output=True, text=True, timeout=DEADLINE)
        told_of = {dict(labels).get("host_type") for values in Exposition(told.stdout).samples.values() for labels in values}
        return told_of - {"", None}  # what belongs to no host type, or to one that is not known yet

    def logged_in(self, wish="alice", mechanism=None, address=None, encrypted=True):
        name, password = self.new_account(wish)
        with contextlib.closing(Client(address or self.address)) as first:
            first.close = first.drop
            first.secure()
            first.register(name, password)
        client = Client(address or self.address)
        if not encrypted:
            client.open_stream()
        client.log_in(name, password, mechanism=mechanism)
        client.account = name, password
        client.send("<presence/>")
        return client


@contextlib.contextmanager
def house(binary, **parts):
    it = House(binary)
    it.parts.update(parts)
    it.template.write_text(it.text(), encoding="utf-8")
    with running(it):
        yield it


class Talk:
    """Two sessions, on both sides of whatever happens, that write to each other all the time; nothing may be lost."""

    def __init__(self, server, pause=0.002):
        # Without TLS: Python's must not be read by one thread while another writes.
        self.ends = [server.logged_in(name, encrypted=False) for name in ("anna", "otto")]
        self.over, self.sent, self.pause = threading.Event(), 0, pause
        self.problems, self.heard = [], [[], []]
        self.threads = [threading.Thread(target=self.write), *(threading.Thread(target=self.read, args=(i,)) for i in (0, 1))]

    def write(self):
        number = 0
        while not self.over.is_set():
            for i in (0, 1):
                self.ends[i].send(f"<message to='{self.ends[1 - i].jid}' type='chat'><body>{number}</body></message>")
            number += 1
            self.sent = number
            time.sleep(self.pause)
        for i in (0, 1):
            self.ends[i].send(f"<message to='{self.ends[1 - i].jid}' type='chat'><body>last</body></message>")

    def read(self, i):
        try:
            while True:
                event = self.ends[i].next("a message", within=30)
                if event.kind != "stanza":
                    self.problems.append(f"session {i} heard {event.show()} after {self.ends[i].transcript[-4:]}")
                    return
                if event.element.local != "message":
                    continue
                body = event.element.child("body")
                if event.element.attributes.get("type") != "chat" or body is None:
                    self.problems.append(f"session {i} heard {event.show()}")
                    return
                if body.text == "last":
                    return
                self.heard[i].append(int(body.text))
        except Exception as problem:  # a thread has nobody else to tell
            self.problems.append(f"session {i}: {problem!r}")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if kind is None:
            assert not self.problems, self.problems
            for i in (0, 1):
                assert self.heard[i] == list(range(self.sent)), f"session {i} misses something of {self.sent}"
        for end in self.ends:
            end.drop()


def field(line, key):
    found = re.search(rf'\b{key}=("(?:[^"\\]|\\.)*"|\S+)', line)
    return found.group(1).strip('"') if found else None
