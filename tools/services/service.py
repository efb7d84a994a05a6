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

from .tls_files import tls_files


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

    def __init__(self, directory=None, port=None, tls=False, password=None, network=None):
        self.directory = Path(directory or tempfile.mkdtemp(prefix=f"meerkat-{self.kind}-"))
        self.is_temporary = directory is None
        self.port = port or free_port()
        self.tls, self.password = tls, password
        self.network = network  # an OwnNetwork, if it is to run there
        self.address = network.there if network else "127.0.0.1"
        self.process = self.mounted = None
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
        with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), 1):
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
        place = self.network.entered() if self.network else contextlib.nullcontext()
        with self.log.open("ab") as log, place:
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

    def client_certificates(self):
        """Ours to read: files and keys of a client that the service trusts, and of a stranger."""
        words = []
        for kind in ("client", "stranger"):
            files = tls_files(self.directory, kind)
            for path in (files.certificate, files.key):
                os.chown(path, os.geteuid(), os.getegid())
                words.append(path)
        return " ".join(words)

    def run_as_user(self, *command, **options):
        return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True,
                              cwd=self.directory, user=self.runs_as,
                              group=self.runs_as and pwd.getpwnam(self.runs_as).pw_gid, **options)

    @contextlib.contextmanager
    def conversation(self, *command):
        """With a client of the service that reads commands: brings what says a line and waits for one in return."""
        with subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              cwd=self.directory, user=self.runs_as) as client:
            def talk(line):
                client.stdin.write(line + "\n")
                client.stdin.flush()
                return client.stdout.readline()
            yield talk

    def mount_small_disk(self, megabytes):
        """Brings its folder, which belongs to who runs the service. Raises NotHere where nothing can be mounted."""
        disk = self.directory / "small-disk"
        disk.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "meerkat-test", str(disk)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise NotHere(f"no disk can be mounted: {done.stderr.strip()}")
        self.mounted = disk
        if self.runs_as:
            shutil.chown(disk, self.runs_as)
        return disk

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
        if self.mounted:
            subprocess.run(["umount", str(self.mounted)], check=True)
            self.mounted = None
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
