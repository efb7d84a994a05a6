# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time

from .service import NotHere, Service, find_program, free_port
from .tls_files import tls_files

SERVER = "/usr/lib/rabbitmq/bin"


class RabbitMQ(Service):
    """RabbitMQ with the user guest; with TLS the port speaks TLS, and `plain_port` tells the other one. It has a node
    name, ports, an epmd and a home of its own."""

    kind = "rabbitmq"
    user = "rabbitmq"
    start_deadline = 300.0  # Erlang takes its time on a busy machine

    def __init__(self, **options):
        super().__init__(**options)
        self.other_port, self.dist_port, self.epmd_port = free_port(), free_port(), free_port()
        self.epmd = None

    def prepare(self):
        find_program("rabbitmq-server", SERVER)
        find_program("epmd")
        if self.runs_as:
            try:
                pwd.getpwnam(self.user)
            except KeyError:
                raise NotHere("there is no user rabbitmq; ./dev deps installs rabbitmq-server") from None
        for name in ("data", "logs"):
            (self.directory / name).mkdir()
        cookie = self.directory / ".erlang.cookie"
        cookie.write_text("meerkat-test")
        cookie.chmod(0o400)
        (self.directory / "plugins").write_text("[].\n")
        plain = self.other_port if self.tls else self.port
        lines = [f"listeners.tcp.1 = 127.0.0.1:{plain}", "log.console = true", "log.console.level = warning",
                 "log.file = false", "vm_memory_high_watermark.absolute = 1GB", "disk_free_limit.absolute = 1MB"]
        if self.tls:
            files = tls_files(self.directory)
            lines += [f"listeners.ssl.1 = 127.0.0.1:{self.port}", f"ssl_options.cacertfile = {files.authority}",
                      f"ssl_options.certfile = {files.certificate}", f"ssl_options.keyfile = {files.key}",
                      "ssl_options.verify = verify_none"]
        (self.directory / "rabbitmq.conf").write_text("\n".join(lines) + "\n")

    def environment(self):
        place = str(self.directory)
        return {"HOME": place, "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODENAME": f"meerkat{self.port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODE_PORT": str(self.other_port if self.tls else self.port),
                "RABBITMQ_DIST_PORT": str(self.dist_port), "RABBITMQ_MNESIA_BASE": f"{place}/data",
                "RABBITMQ_LOG_BASE": f"{place}/logs", "RABBITMQ_CONFIG_FILE": f"{place}/rabbitmq.conf",
                "RABBITMQ_ENABLED_PLUGINS_FILE": f"{place}/plugins", "RABBITMQ_CONF_ENV_FILE": f"{place}/no-such-file",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none",
                "LANG": "C.UTF-8"}

    def command(self):
        return [find_program("rabbitmq-server", SERVER)]

    def start(self):
        if self.epmd is None:
            self.epmd = subprocess.Popen([find_program("epmd")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, env={**os.environ, **self.environment()})
        return super().start()

    def is_ready(self):
        """It answers AMQP's first words with connection.start."""
        plain = self.other_port if self.tls else self.port
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", plain), 1) as probe:
            probe.settimeout(2)
            probe.sendall(b"AMQP\0\0\x09\x01")
            return probe.recv(100).startswith(b"\x01")
        return False

    def stop(self, number=signal.SIGTERM):
        super().stop(number)

    def kill(self):
        super().kill()
        # The name stays taken until epmd has noticed.
        deadline = time.monotonic() + 10
        while f"meerkat{self.port} " in self.names() and time.monotonic() < deadline:
            time.sleep(0.05)

    def names(self):
        said = subprocess.run([find_program("epmd"), "-names"], capture_output=True, text=True, check=False,
                              env={**os.environ, **self.environment()})
        return said.stdout

    def close(self):
        self.stop()
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait()
            self.epmd = None
        super().close()

    # For tests, through `call`.
    def plain_port(self):
        return self.other_port

    def authority(self):
        return tls_files(self.directory).authority
