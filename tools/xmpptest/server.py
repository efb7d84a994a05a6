# SPDX-License-Identifier: Apache-2.0
# The server under test: a meerkat process with a configuration made from a template, or a peer that runs already.
import contextlib
import itertools
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from string import Template

from .certificates import Authority, make_self_signed
from .waiting import SLOWNESS

ROOT = Path(__file__).resolve().parents[2]
START_DEADLINE = STOP_DEADLINE = 30.0 * SLOWNESS


class DidNotStart(Exception):
    pass


class EndedBadly(Exception):
    pass


class Accounts:
    """Hands out names that nobody had before."""

    _numbers, _lock = itertools.count(1), threading.Lock()

    def new_account(self, wish):
        with self._lock:
            return f"{wish}.{next(self._numbers)}", f"secret of {wish}"


class Peer(Accounts):
    """A server that somebody else started; its registration must be open."""

    def __init__(self, address, tls_address, host="localhost"):
        self.address, self.tls_address, self.host = address, tls_address, host

    def new_account(self, wish):
        name, password = super().new_account(wish)
        return f"{name}.{os.getpid()}", password

    def stop(self):
        return None


class Server(Accounts):
    """Starts on demand in a directory of its own; several starts use the same data and the same template."""

    def __init__(self, binary, template, directory=None, host="localhost", **process):
        """`process` goes to subprocess.Popen, but for "prefix": words in front of the command."""
        self.binary, self.template, self.host = Path(binary), Path(template), host
        self._temporary = None if directory else tempfile.TemporaryDirectory(prefix="meerkat-test-")
        self.directory = Path(directory or self._temporary.name)
        self.address = self.tls_address = self.http_address = self.https_address = self.process = self._authority = None
        self.log = self.directory / "log"
        self._prefix, self._process_options = process.pop("prefix", []), process

    def authority(self):
        """Who signs the certificates of clients; templates name its file as $authority."""
        with self._lock:
            self._authority = self._authority or Authority(self.directory)
            return self._authority

    def memory(self):
        """How many bytes of memory the process has taken."""
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self):
        """How much time of processors the process has taken."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def log_lines(self):
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text.splitlines()

    def logged(self, what):
        """The lines that tell of this event."""
        return [line for line in self.log_lines() if f" what={what} " in line + " "]

    def start(self):
        data = self.directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        config, ready_file = self.directory / "meerkat.toml", self.directory / "ready"
        ready_file.unlink(missing_ok=True)
        text = self.template.read_text(encoding="utf-8")
        for domain in set(re.findall(r"\$certificates/([\w.-]+)\.pem", text)):
            make_self_signed(domain, self.directory / f"{domain}.pem")
        authority = self.authority().file if "$authority" in text else ""
        text = Template(text).substitute(data=data, authority=authority, certificates=self.directory)
        config.write_text(text, encoding="utf-8")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._prefix, self.binary, "serve", "--config", config, "--ready-file", ready_file],
                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log, **self._process_options})
        self._wait_until_ready()
        self.address = self.tls_address = self.http_address = self.https_address = None
        for line in ready_file.read_text(encoding="utf-8").splitlines():
            kind, _, where = line.partition(" ")
            host, _, port = where.rpartition(":")
            if kind == "c2s":
                self.address = (host, int(port))
            elif kind == "c2s-tls":
                self.tls_address = (host, int(port))
            elif kind == "http":
                self.http_address = (host, int(port))
            elif kind == "https":
                self.https_address = (host, int(port))
        return self

    def _wait_until_ready(self):
        until, said = time.monotonic() + START_DEADLINE, b""
        while b"ready" not in said:
            left = until - time.monotonic()
            readable = left > 0 and select.select([self.process.stdout], [], [], left)[0]
            chunk = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not chunk:
                self.kill()
                raise DidNotStart(f"no sign of 'ready' with {self.template.name}\n{self.log_tail()}")
            said += chunk

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop_soon(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """Nothing when it ended well, else what went wrong."""
        if self.process.poll() is None:
            self.stop_soon()
        try:
            code = self.process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"it did not stop within {STOP_DEADLINE:g} s of SIGTERM\n{self.log_tail()}"
        self.process.stdout.close()
        return None if code == 0 else f"it ended with code {code}\n{self.log_tail()}"

    def log_tail(self, lines=30):
        return "\n".join("    | " + line for line in self.log_lines()[-lines:])


def default_binary():
    """The newest build of the server."""
    built = sorted(ROOT.glob("build/*/meerkat"), key=lambda path: path.stat().st_mtime)
    return built[-1] if built else ROOT / "build/debug/meerkat"


def summary(kind, passed, failed, started):
    """The last line of a kind of tests; returns the status to exit with."""
    print(f"{kind}: {passed} passed, {failed} failed in {time.monotonic() - started:.1f} s", flush=True)
    return 1 if failed or not passed else 0


@contextlib.contextmanager
def running(server):
    """Starts the server for the time of a `with`. It must end well; when something else does not, its log is shown."""
    server.start()
    try:
        yield server
    except BaseException:
        print(server.log_tail(60), flush=True)
        server.stop()
        raise
    problem = server.stop()
    if problem:
        raise EndedBadly(problem)


def is_sanitized(binary):
    """Such a build is slow, and keeps freed memory on purpose."""
    return any(name in str(binary) for name in ("asan", "tsan"))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
