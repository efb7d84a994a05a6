# SPDX-License-Identifier: Apache-2.0
import contextlib
import shlex
import socket
import subprocess

from .service import Service, find_program
from .tls_files import tls_files


class Redis(Service):
    kind = "redis"

    certificate_kind = "good"
    arguments = ()

    def command(self):
        words = [find_program("redis-server"), "--bind", self.address, "--protected-mode", "no", "--save", "",
                 "--appendonly", "no", "--dir", str(self.directory)]
        if self.tls:
            files = tls_files(self.directory, self.certificate_kind)
            words += ["--port", "0", "--tls-port", str(self.port), "--tls-cert-file", files.certificate,
                      "--tls-key-file", files.key, "--tls-ca-cert-file", files.authority, "--tls-auth-clients", "no"]
        else:
            words += ["--port", str(self.port)]
        if self.password:
            words += ["--requirepass", self.password]
        return [*words, *self.arguments]

    def is_ready(self):
        if self.tls or self.password:
            return super().is_ready()
        with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), 1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(100).startswith(b"+PONG")
        return False

    def cli(self, line):
        """What redis-cli says to a command, raw."""
        words = [find_program("redis-cli"), "-h", self.address, "-p", str(self.port),
                 *(["-a", self.password] if self.password else []), "--no-auth-warning",
                 *(["--tls", "--insecure"] if self.tls else []), *shlex.split(line)]
        return subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout

    def load_slowly(self):
        """Redis loads its data anew for about two seconds, and says so to whoever asks; needs --enable-debug-command."""
        self.cli("CONFIG SET key-load-delay 10000")
        self.cli("EVAL \"for i = 1, 200 do redis.call('SET', 'slow' .. i, i) end\" 0")
        words = [find_program("redis-cli"), "-p", str(self.port), "DEBUG", "RELOAD"]
        self.reload = subprocess.Popen(words, stdout=subprocess.DEVNULL)

    def show_certificate(self, kind):
        """Starts anew with another certificate of tls_files."""
        self.kill()
        self.certificate_kind = kind
        self.start()

    def start_with(self, line):
        """Starts anew with further arguments, as on redis-server's command line."""
        self.stop()
        self.arguments = shlex.split(line)
        self.start()
