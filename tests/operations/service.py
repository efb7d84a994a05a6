# SPDX-License-Identifier: Apache-2.0
# The server as a service of systemd: what it tells, what it is handed, what a crash would leave.
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

from started import started
from xmpptest.client import Client
from xmpptest.runner import test
from xmpptest.server import ROOT


class Systemd:
    """The other end of sd_notify(3)."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="meerkat-notify-")
        self.path = str(Path(self._directory.name) / "notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.settimeout(10)

    def environment(self, **more):
        return os.environ | {"NOTIFY_SOCKET": self.path} | more

    def hears(self, word):
        """Listens until a message has the line."""
        heard = []
        while not heard or word not in heard[-1].split("\n"):
            heard.append(self._socket.recv(4096).decode())
        return heard[-1]


@test("READY=1 comes when clients can connect, WATCHDOG=1 again and again, STOPPING=1 at the end")
def systemd_hears_of_start_life_and_stop(binary):
    systemd = Systemd()
    with started(binary, env=systemd.environment(WATCHDOG_USEC="200000")) as server:
        systemd.hears("READY=1")
        Client(server.address).drop()
        for _ in range(3):
            systemd.hears("WATCHDOG=1")
    systemd.hears("STOPPING=1")


@test("a listening socket that systemd opened is served by all workers, and one without a table is told of")
def sockets_of_systemd_are_taken_over(binary):
    with socket.create_server(("127.0.0.1", 0)) as wanted, socket.create_server(("127.0.0.1", 0)) as unknown:
        def hand_over():
            os.dup2(wanted.fileno(), 100)
            os.dup2(unknown.fileno(), 4)
            os.dup2(100, 3)
        script = 'export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=meerkat-c2s:mystery; exec "$0" "$@"'
        port = wanted.getsockname()[1]
        # A client that came before the server waits in the queue of the socket.
        early = socket.create_connection(wanted.getsockname())
        with started(binary, port=port, general='loglevel = "notice"', prefix=["/bin/sh", "-c", script],
                     preexec_fn=hand_over, pass_fds=(3, 4)) as server:
            wanted.close()
            assert server.address == ("127.0.0.1", port), server.address
            early.sendall(b"<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
                          b"xmlns:stream='http://etherx.jabber.org/streams'>")
            early.settimeout(10)
            assert early.recv(100).startswith(b"<?xml")
            clients = [Client(server.address) for _ in range(20)]
            for client in clients:
                client.secure()
            for client in clients:
                client.drop()
        early.close()
    assert "mystery (127.0.0.1:" in server.log.read_text(encoding="utf-8")


@test("systemd understands every line of the unit and of the example for sockets, and finds little exposed")
def the_unit_of_systemd_has_no_mistakes(binary):
    if not shutil.which("systemd-analyze"):
        return  # the unit is tested where systemd is
    with tempfile.TemporaryDirectory() as directory:
        for name in ("meerkat.service", "meerkat.socket"):
            text = (ROOT / "packaging/systemd" / name).read_text(encoding="utf-8")
            (Path(directory) / name).write_text(
                text.replace("/usr/bin/meerkat", str(binary)).replace("Documentation=man:meerkat(8)\n", ""),
                encoding="utf-8")
        units = [str(Path(directory) / name) for name in ("meerkat.service", "meerkat.socket")]
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "meerkat" in line]
        assert done.returncode == 0 and not said, said
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", units[0]],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-300:]


def limits_of(server):
    return Path(f"/proc/{server.process.pid}/limits").read_text(encoding="ascii")


@test("a crash leaves no core dump, unless the operator wants one")
def no_core_dumps(binary):
    with started(binary) as server:
        line = next(line for line in limits_of(server).splitlines() if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"], line
        # Not dumpable: what /proc shows of the process belongs to root, whoever runs it (proc(5)).
        assert os.stat(f"/proc/{server.process.pid}/environ").st_uid == 0
    with started(binary, general="core_dumps = true") as server:
        line = next(line for line in limits_of(server).splitlines() if line.startswith("Max core file size"))
        assert line.split()[5] != "0" or os.sysconf("SC_PAGE_SIZE") == 0, line


@test("the secrets of TLS sessions are not written to the file that SSLKEYLOGFILE names")
def sslkeylogfile_is_not_obeyed(binary):
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "keys"
        with started(binary, env=os.environ | {"SSLKEYLOGFILE": str(path)}) as server:
            client = Client(server.address)
            client.secure()
            client.drop()
        assert not path.exists()
