# SPDX-License-Identifier: Apache-2.0
import contextlib
import signal
import socket

from .service import Service, find_program
from .tls_files import tls_files


class Redis(Service):
    kind = "redis"

    def prepare(self):
        if self.tls:
            self.files = tls_files(self.directory)

    def command(self):
        words = [find_program("redis-server"), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                 "--dir", str(self.directory)]
        if self.tls:
            files = tls_files(self.directory)
            words += ["--port", "0", "--tls-port", str(self.port), "--tls-cert-file", files.certificate,
                      "--tls-key-file", files.key, "--tls-ca-cert-file", files.authority, "--tls-auth-clients", "no"]
        else:
            words += ["--port", str(self.port)]
        if self.password:
            words += ["--requirepass", self.password]
        return words

    def is_ready(self):
        if self.tls or self.password:
            return super().is_ready()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(100).startswith(b"+PONG")
        return False

    def stop(self, number=signal.SIGTERM):
        super().stop(number)
