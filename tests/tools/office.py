# SPDX-License-Identifier: Apache-2.0
# A server and the hands of its operator.
import json
import os
import pty
import select
import socket
import subprocess
import time

from xmpptest.client import Client
from xmpptest.server import Server
from xmpptest.waiting import SLOWNESS

DEADLINE = 30.0 * SLOWNESS


class Said:
    """What a command left behind."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"code {self.code}\n{self.out}{self.err}"


class Office(Server):
    @property
    def socket(self):
        return self.directory / "data" / "admin.sock"

    @property
    def config(self):
        return self.directory / "meerkat.toml"

    def program(self, *words, stdin="", run_by=()):
        done = subprocess.run([*run_by, self.binary, *words], input=stdin, capture_output=True, text=True,
                              timeout=DEADLINE, start_new_session=True)
        return Said(done.returncode, done.stdout, done.stderr)

    def meerkat(self, *words, **more):
        """A command to the server."""
        return self.program(*words, "--config", self.config, **more)

    def done(self, *words, **more):
        said = self.meerkat(*words, **more)
        assert said.code == 0, said
        return said

    def refused(self, code, *words, **more):
        """It is refused, in words for people and with this code for programs."""
        said = self.meerkat(*words, **more)
        assert said.code == 1 and said.err.startswith("meerkat: ") and not said.out, said
        told = self.meerkat(*words, "--json", **more)
        assert told.code == 1 and told.json()["error"]["code"] == code, told

    def at_terminal(self, *words, answers):
        """The same with a terminal, at which somebody answers each question; all that was seen there."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(self.binary, [str(self.binary), *map(str, words), "--config", str(self.config)])
        seen, until = "", time.monotonic() + DEADLINE
        waiting = list(answers)
        while time.monotonic() < until and select.select([terminal], [], [], DEADLINE)[0]:
            try:
                seen += os.read(terminal, 4096).decode()
            except OSError:
                break  # the terminal is gone with its last user
            if waiting and seen.endswith(waiting[0][0]):
                os.write(terminal, (waiting.pop(0)[1] + "\n").encode())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        return Said(code, seen, "")

    def connect(self):
        here = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        here.connect(str(self.socket))  # waits while many others do
        here.settimeout(DEADLINE)
        return here

    def new_user(self, wish):
        name, _ = self.new_account(wish)
        self.done("account", "register", f"{name}@localhost", "--password-stdin", stdin="secret\n")
        return name

    def log_in(self, name, resource="phone", password="secret"):
        client = Client(self.address)
        client.log_in(name, password, resource)
        return client


def hear_all(connection):
    """What the other side says until it closes."""
    said = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return said
        if not part:
            return said
        said += part
