#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The HTTP listener with clients that everybody has: curl and Python's own. Connections that are kept, TLS, compression,
# health, limits, what a changed configuration does to them, and how the server ends.
#   tests/http/listener.py [--server build/debug/meerkat] [WORD…]
import contextlib
import gzip
import http.client
import json
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from xmpptest.certificates import make_self_signed  # noqa: E402
from xmpptest.runner import LeftOut, expect, run_tests, test, tests_of  # noqa: E402
from xmpptest.server import Server, free_port, running  # noqa: E402
from xmpptest.waiting import eventually  # noqa: E402

CONFIG = """[general]
  hosts = ["localhost"]
  default_server_domain = "localhost"
  worker_threads = 2
  {general}
[[listen.c2s]]
  port = 0
  ip_address = "127.0.0.1"
[[listen.http]]
  port = {port}
  ip_address = "127.0.0.1"
{http}
[[listen.http]]
  port = 0
  ip_address = "127.0.0.1"
  tls.certfile = "{directory}/show.crt"
  tls.keyfile = "{directory}/show.key"
[auth]
  [auth.internal]
{limits}
[internal_databases.embedded]
  directory = "{directory}/data"
{more}
"""
PARTS = {"general": 'loglevel = "notice"', "http": "", "limits": "", "more": ""}
HEALTH = "  [[listen.http.handlers.meerkat_health_handler]]\n"


class House(Server):
    def __init__(self, binary, directory, **parts):
        super().__init__(binary, Path(directory) / "template.toml", directory)
        self.port, self.parts = free_port(), {**PARTS, **parts}
        make_self_signed("localhost", self.directory / "show.pem")
        self.template.write_text(self.text(), encoding="utf-8")

    def text(self):
        return CONFIG.format(port=self.port, directory=self.directory, **self.parts)

    def change(self, **parts):
        self.parts.update(parts)
        (self.directory / "meerkat.toml").write_text(self.text(), encoding="utf-8")
        count = len(self.logged("reloaded"))
        self.process.send_signal(signal.SIGHUP)
        expect(eventually(lambda: len(self.logged("reloaded")) > count), f"not reloaded: {self.log_tail()}")

    def connection(self, tls=False):
        if not tls:
            return http.client.HTTPConnection(*self.http_address, timeout=20)
        return http.client.HTTPSConnection(*self.https_address, timeout=20, context=trusting(self.directory / "show.crt"))


@contextlib.contextmanager
def house(binary, **parts):
    with tempfile.TemporaryDirectory(prefix="meerkat-http-") as directory, \
            running(House(binary, directory, **parts)) as it:
        yield it


def trusting(certificate):
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    return context


def ask(connection, path, method="GET", **more):
    """Status, header fields, body."""
    connection.request(method, path, **more)
    answer = connection.getresponse()
    return answer.status, answer, answer.read()


def curl(*words):
    if not shutil.which("curl"):
        raise LeftOut("there is no curl")
    return subprocess.run(["curl", "-sS", "--max-time", "20", *words], capture_output=True, text=True, check=False)


@test("health is told on every listener, with a name and a date, over one connection that is kept")
def health(binary):
    with house(binary) as server:
        for tls in (False, True):
            with contextlib.closing(server.connection(tls)) as client:
                for _ in range(3):
                    status, answer, body = ask(client, "/healthz")
                    expect(status == 200 and json.loads(body) == {"alive": True}, body)
                    expect(answer.getheader("Server") == "Meerkat" and answer.getheader("Date").endswith(" GMT"), "headers")
                    expect(answer.getheader("Cache-Control") == "no-store", "nobody keeps it")
                    own = client.sock
                    status, _, body = ask(client, "/readyz")
                    expect(status == 200 and json.loads(body) == {"ready": True}, body)
                    expect(client.sock is own, "the connection is kept")
                expect(ask(client, "/nowhere")[0] == 404, "nobody answers elsewhere")
                expect(ask(client, "/healthz", "HEAD")[2] == b"", "HEAD has no body")
                status, answer, _ = ask(client, "/healthz", "OPTIONS")
                expect(status == 204 and answer.getheader("Allow") == "GET, HEAD, OPTIONS", "what is allowed")


@test("curl is content: kept connections, HTTP/1.0, pipes, TLS with its name of the protocol, expectations")
def with_curl(binary):
    with house(binary) as server:
        plain = "http://{}:{}".format(*server.http_address)
        secure = "https://localhost:{}".format(server.https_address[1])
        told = curl("-v", f"{plain}/healthz", f"{plain}/readyz")
        expect(told.stdout == '{"alive":true}\n{"ready":true}\n' and "Re-using existing connection" in told.stderr, told)
        expect(curl("-0", f"{plain}/healthz").stdout == '{"alive":true}\n', "HTTP/1.0")
        expect(curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", f"{plain}/../healthz").stdout == "400", "dots")
        expect(curl("-X", "POST", "-d", "x" * 5000, "-H", "Expect: 100-continue", "-o", "/dev/null", "-w", "%{http_code}",
                    f"{plain}/healthz").stdout == "405", "a body for nobody")
        told = curl("-v", "--cacert", str(server.directory / "show.crt"), "--resolve",
                    f"localhost:{server.https_address[1]}:127.0.0.1", f"{secure}/healthz")
        expect(told.stdout == '{"alive":true}\n' and "http/1.1" in told.stderr, told)


@test("requests that come at once are answered in order, and a half of one waits for the other")
def pipelined(binary):
    with house(binary) as server, socket.create_connection(server.http_address, timeout=20) as client:
        one, two = (b"GET /%s HTTP/1.1\r\nHost: a\r\n\r\n" % name for name in (b"healthz", b"readyz"))
        client.sendall(one + two + one + two[:20])
        heard = b""
        while heard.count(b"}\n") < 3:
            heard += client.recv(65536)
        client.sendall(two[20:])
        while heard.count(b"}\n") < 4:
            heard += client.recv(65536)
        order = [word for word in heard.split(b'"') if word in (b"alive", b"ready")]
        expect(order == [b"alive", b"ready", b"alive", b"ready"], order)


@test("ready says which pools are missing, and no more than that")
def readiness(binary):
    pool = ('[outgoing_pools.redis.default]\n  scope = "global"\n  [outgoing_pools.redis.default.connection]\n'
            f'    host = "127.0.0.1"\n    port = {free_port()}\n')
    with house(binary, more=pool) as server, contextlib.closing(server.connection()) as client:
        status, _, body = ask(client, "/readyz")
        expect(status == 503 and json.loads(body) == {"ready": False, "missing": ["redis"]}, body)
        expect(ask(client, "/healthz")[0] == 200, "who waits for a pool is alive")


@test("answers are compressed where the listener does so, for who takes it, if they are worth it")
def compression(binary):
    with house(binary, http="  protocol.compress = true") as server, contextlib.closing(server.connection()) as client:
        _, answer, body = ask(client, "/healthz", headers={"Accept-Encoding": "gzip"})
        body = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
        expect(json.loads(body) == {"alive": True}, body)


@test("handlers, names and listeners change while connections are kept")
def reload(binary):
    with house(binary) as server, contextlib.closing(server.connection()) as client:
        expect(ask(client, "/healthz")[0] == 200, "at first")
        own = client.sock
        server.change(general='loglevel = "notice"\n  http_server_name = "Nobody"',
                      http=HEALTH + '    host = "_"\n    path = "/alive"\n    tells = "alive"')
        status, answer, _ = ask(client, "/alive")
        expect(status == 200 and answer.getheader("Server") == "Nobody" and client.sock is own, "the new handler")
        expect(ask(client, "/healthz")[0] == 404, "the old one is gone")
        server.change(http=HEALTH + '    host = "a.test"\n    path = "/state/:of"')
        expect(ask(client, "/state/x", headers={"Host": "A.test:80"})[0] == 200, "by its name")
        expect(ask(client, "/state/x", headers={"Host": "b.test"})[0] == 404, "by another name")

        # A port that goes away lets its connections end, and can be had again.
        before = server.http_address
        server.port = free_port()
        server.change(http="")
        expect(client.sock.recv(1) == b"", "a connection of a port that is gone is closed")
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as other:
            expect(ask(other, "/healthz")[0] == 200, "the new port")
        try:
            socket.create_connection(before, timeout=5).close()
            expect(False, "the old port is open")
        except ConnectionRefusedError:
            pass


@test("a certificate that was replaced is shown to who comes next")
def certificates(binary):
    with house(binary) as server:
        first = ssl.get_server_certificate(server.https_address)
        make_self_signed("localhost", server.directory / "fresh.pem")
        for ending in ("key", "crt"):
            shutil.move(server.directory / f"fresh.{ending}", server.directory / f"show.{ending}")
        expect(eventually(lambda: ssl.get_server_certificate(server.https_address) != first), "the old one is shown")


@test("mistakes in handlers are told with place and suggestion")
def mistakes(binary):
    wrong = {HEALTH + '    host = "_"\n    path = "metrics"': 'is not a path such as "/metrics" or "/api/[...]"',
             HEALTH.replace("health", "helth") + '    host = "_"\n    path = "/x"': 'did you mean "meerkat_health_handler"?',
             HEALTH + '    path = "/x"': "host: must be given",
             (HEALTH + '    host = "_"\n    path = "/x/:a"\n') * 2: "like another meerkat_health_handler",
             "  transport.max_connection = 3": 'did you mean "max_connections"?'}
    with tempfile.TemporaryDirectory(prefix="meerkat-http-") as directory:
        for lines, told in wrong.items():
            it = House(binary, directory, http=lines)
            file = Path(directory) / "meerkat.toml"
            file.write_text(it.text(), encoding="utf-8")
            found = subprocess.run([binary, "serve", "--config", file], capture_output=True, text=True, timeout=60, check=False)
            expect(found.returncode == 2 and told in found.stderr, found.stderr)
        # What MongooseIM has and Meerkat has not yet is a warning.
        later = '  [[listen.http.handlers.mongoose_bosh_handler]]\n    host = "_"\n    path = "/http-bind"\n'
        file.write_text(House(binary, directory, http=later).text(), encoding="utf-8")
        found = subprocess.run([binary, "check", "--config", file], capture_output=True, text=True, timeout=60, check=False)
        expect("mongoose_bosh_handler" in found.stdout and "is free" in found.stdout, found)


@test("one address has so many connections, and hears why there are no more")
def too_many(binary):
    limits = '[limits]\n  connections_per_address = 5\n  connection_rate = "infinity"'
    with house(binary, limits=limits) as server:
        crowd = [server.connection() for _ in range(5)]
        for one in crowd:
            expect(ask(one, "/healthz")[0] == 200, "one of five is kept out")
        with contextlib.closing(server.connection()) as client:
            status, answer, _ = ask(client, "/healthz")
            expect(status == 429 and answer.getheader("Retry-After") == "10", f"a sixth came in: {status}")
        for one in crowd:
            one.close()

        def comes_in():
            with contextlib.closing(server.connection()) as client:
                return ask(client, "/healthz")[0] == 200
        expect(eventually(comes_in), "kept out for good")


@test("a proxy says where a client comes from")
def behind_proxy(binary):
    with house(binary, http="  proxy_protocol = true", general='loglevel = "debug"') as server:
        with socket.create_connection(server.http_address, timeout=20) as client:
            client.sendall(b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 80\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n"
                           b"Connection: close\r\n\r\n")
            heard = b""
            while more := client.recv(4096):
                heard += more
        expect(heard.startswith(b"HTTP/1.1 200 OK"), heard)
        expect(any("192.0.2.7" in line for line in server.logged("http_asked")), "the log names the client")


@test("the server stops at once with connections that are idle, and while it is asked all the time")
def stops(binary):
    with house(binary) as server:
        idle = [server.connection(tls) for tls in (False, True)]
        for client in idle:
            ask(client, "/healthz")
        over, problems = threading.Event(), []

        def asks():
            while not over.is_set():
                client = server.connection()
                try:
                    status, _, _ = ask(client, "/readyz")
                    if status not in (200, 503):
                        problems.append(status)
                except (OSError, http.client.HTTPException):
                    return
                finally:
                    client.close()
        askers = [threading.Thread(target=asks) for _ in range(3)]
        for asker in askers:
            asker.start()
        time.sleep(0.2)
        began = time.monotonic()
        problem = server.stop()
        took = time.monotonic() - began
        over.set()
        for asker in askers:
            asker.join()
        expect(not problem and not problems, f"{problem} {problems}")
        expect(took < 5, f"it took {took:.1f} s")
        for client in idle:
            client.close()


if __name__ == "__main__":
    sys.exit(run_tests("http", "Tests the HTTP listener with clients that everybody has.",
                       tests_of(sys.modules[__name__]), side_by_side=3))
