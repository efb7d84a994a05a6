# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import shutil
import socket
import subprocess
from pathlib import Path

from .service import NotHere, Service, find_program, free_port

ROOT = Path(__file__).resolve().parents[2]
SOURCES, INSTALLED = ROOT / "tests/monitoring", ROOT / "build/statsd"


def installed():
    """npm installs it once for each version of the lock file."""
    lock, mark = SOURCES / "package-lock.json", INSTALLED / "installed-lock.json"
    if not mark.exists() or mark.read_bytes() != lock.read_bytes():
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(SOURCES / name, INSTALLED / name)
        done = subprocess.run([find_program("npm"), "ci", "--ignore-scripts", "--omit=optional"], cwd=INSTALLED,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise NotHere("npm cannot install statsd:\n" + done.stdout)
        shutil.copy(lock, mark)
    return INSTALLED / "node_modules/statsd"


class Statsd(Service):
    """The StatsD daemon itself; `port` takes UDP."""

    kind = "statsd"

    def prepare(self):
        self.program, self.management = installed(), free_port()
        settings = {"address": "127.0.0.1", "port": self.port, "mgmt_address": "127.0.0.1",
                    "mgmt_port": self.management, "backends": ["./backends/console"], "flushInterval": 1000}
        (self.directory / "config.js").write_text(json.dumps(settings))

    def command(self):
        return [find_program("node"), str(self.program / "stats.js"), str(self.directory / "config.js")]

    def ask(self, command, end="END"):
        with socket.create_connection(("127.0.0.1", self.management), 2) as connection:
            connection.sendall(command.encode() + b"\n")
            said = b""
            while end.encode() not in said:
                part = connection.recv(65536)
                if not part:
                    break
                said += part
        return said.decode().partition(end)[0]

    def is_ready(self):
        with contextlib.suppress(OSError):
            return "up" in self.ask("health", "\n")
        return False

    def gauges(self):
        """Their values by name."""
        return json.loads(self.ask("gauges").replace("'", '"'))

    def bad_lines(self):
        """How many it could not understand."""
        counters = json.loads(self.ask("counters").replace("'", '"'))
        return counters.get("statsd.bad_lines_seen", 0)
