# SPDX-License-Identifier: Apache-2.0
# What all services have in common: a folder, a port, a process of its own, and an end.
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path


class NotHere(Exception):
    """The service cannot be set up on this machine; the words say why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find_program(name, *folders):
    """The path of a program; raises NotHere with what to install."""
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        raise NotHere(f"{name} is not installed; ./dev deps installs it")
    return found


class Service:
    """One server. `start` returns when it answers; start, kill and stop may follow each other as often as wanted."""

    kind = "service"
    user = None  # the account that it runs as when we are root, if it refuses to be root
    start_deadline = 60.0

    def __init__(self, directory=None, port=None, tls=False, password=None):
        self.directory = Path(directory or tempfile.mkdtemp(prefix=f"meerkat-{self.kind}-"))
        self.is_temporary = directory is None
        self.port = port or free_port()
        self.tls, self.password = tls, password
        self.process = None
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log = self.directory / "log.txt"
        if self.runs_as:
            self.directory.chmod(0o755)

    # What each kind says of itself.
    def prepare(self):
        """Makes files before the first start."""

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def is_ready(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def started(self):
        """After each start, when it answers: users, schemas, queues."""

    @property
    def runs_as(self):
        return self.user if os.geteuid() == 0 else None

    def start(self):
        marker = self.directory / ".prepared"
        if not marker.exists():
            self.prepare()
            marker.touch()
        if self.runs_as:
            self.give_away()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, user=self.runs_as, group=self.runs_as and pwd.getpwnam(self.runs_as).pw_gid,
                extra_groups=[] if self.runs_as else None, env={**os.environ, **self.environment()})
        deadline = time.monotonic() + self.start_deadline
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.kind} did not start:\n{self.last_words()}")
            time.sleep(0.05)
        self.started()
        return self

    def last_words(self):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def give_away(self):
        """The folder belongs to who runs the service."""
        for path in [self.directory, *self.directory.rglob("*")]:
            if not path.is_symlink():
                shutil.chown(path, self.runs_as)

    def run_as_user(self, *command, **options):
        return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True,
                              cwd=self.directory, user=self.runs_as,
                              group=self.runs_as and pwd.getpwnam(self.runs_as).pw_gid, **options)

    def send(self, number):
        """To the service and whatever it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def kill(self):
        """As if the power had gone."""
        self.send(signal.SIGKILL)
        self.process.wait()

    def pause(self):
        """It takes connections and says nothing, from now on: a signal may take its time."""
        self.send(signal.SIGSTOP)
        deadline = time.monotonic() + 10
        while not all(state in "TtZX" for state in self.states()) and time.monotonic() < deadline:
            time.sleep(0.002)

    def states(self):
        """What the kernel says of each thread that belongs to the service: R, S, T…"""
        for stat in Path("/proc").glob("[0-9]*/task/[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rpartition(") ")[2].split()
                if int(fields[2]) == self.process.pid:
                    yield fields[0]

    def go_on(self):
        self.send(signal.SIGCONT)

    def stop(self, number=signal.SIGTERM):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.send(signal.SIGKILL)
        self.process = None

    def close(self):
        self.stop()
        if self.is_temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
