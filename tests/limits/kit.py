# SPDX-License-Identifier: Apache-2.0
# What the tests of limits have in common: servers with limits of their own, floods, measuring.
import contextlib
import os
import select
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest.client import HEADER, Client, Refused  # noqa: E402,F401
from xmpptest.server import Server  # noqa: E402
from xmpptest.wire import Problem  # noqa: E402,F401

CONFIG = """[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  loglevel = "notice"
  registration_timeout = {registration_timeout}
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
  {listen}
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
  backlog = 4096
  tls.mode = "tls"
  {listen}
[auth]
  sasl_mechanisms = ["scram_sha1", "plain"]
  password.hash = ["sha"]
  password.scram_iterations = {iterations}
[auth.internal]
[limits]
  {limits}
[internal_databases.embedded]
  directory = "$data"
[modules.mod_register]
[modules.mod_ping]
"""
PING = "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
NO_PACE = 'connection_rate = "infinity"'
binary = None  # set by the runner


class Failed(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Failed(what)


@contextlib.contextmanager
def server(limits="", listen="", registration_timeout='"infinity"', iterations=4096):
    """A server with these lines in [limits] and in each listener; it must end well."""
    with tempfile.TemporaryDirectory(prefix="meerkat-limits-") as directory:
        template = Path(directory) / "template.toml"
        template.write_text(CONFIG.format(limits=limits.replace("; ", "\n  "), listen=listen, iterations=iterations,
                                          registration_timeout=registration_timeout))
        running = Server(binary, template, directory=directory).start()
        try:
            yield running
        except BaseException:
            running.kill()
            print(running.log_tail())
            raise
        problem = running.stop()
        expect(not problem, problem)


def user(running, name, source=None):
    """An account, logged in."""
    client = Client(running.address, source=source)
    client.open_stream()
    client.register(name, "secret")
    client.log_in(name, "secret", mechanism="SCRAM-SHA-1")
    return client


def login(running, name, password="secret", source=None, mechanism="SCRAM-SHA-1"):
    """None when it went well, else SASL's condition; the connection is dropped."""
    client = Client(running.address, source=source)
    try:
        client.open_stream()
        client.authenticate(name, password, mechanism)
    except Refused as refused:
        return refused.condition
    finally:
        client.drop()
    return None


def timed(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started


def middle(times):
    return statistics.median(times) * 1000


def cpu_seconds(running):
    with open(f"/proc/{running.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crowd(address, count, say=b"", sources=8):
    """So many connections from several addresses, each of which says the same and then nothing."""
    sockets, pending = [], select.poll()
    waiting = {}
    for number in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.bind((f"127.0.9.{number % sources + 1}", 0))
        one.connect_ex(address)
        sockets.append(one)
        waiting[one.fileno()] = one
        pending.register(one.fileno(), select.POLLOUT)
        while len(waiting) >= 512 or (number == count - 1 and waiting):
            ready = pending.poll(5000)
            expect(ready, f"{len(waiting)} connections are not accepted")
            for descriptor, _ in ready:
                pending.unregister(descriptor)
                with contextlib.suppress(OSError):
                    waiting.pop(descriptor).send(say)
    time.sleep(0.2)  # the kernel has them all; the server takes them now
    return sockets


def closed_of(sockets):
    """How many the other side has closed."""
    closed = 0
    for one in sockets:
        try:
            while True:
                if not one.recv(65536):
                    closed += 1
                    break
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return closed


def drop(sockets):
    for one in sockets:
        one.close()


def raw(address, say=b"", source=None):
    """All that the server says to a connection that says this, until it closes or is silent for two seconds."""
    with socket.create_connection(address, timeout=2, source_address=(source or "", 0)) as one:
        heard = b""
        try:
            if say:
                one.sendall(say)
            while chunk := one.recv(65536):
                heard += chunk
        except TimeoutError:
            heard += b"(silence)"
        except OSError:
            heard += b"(reset)"
    return heard
