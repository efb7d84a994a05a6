# SPDX-License-Identifier: Apache-2.0
# A server with its page, whoever asks for it byte by byte, and a browser.
import contextlib
import http.client
import json
import re
import sys
import time
from pathlib import Path

from xmpptest.server import ROOT, free_port, running
from xmpptest.waiting import SLOWNESS

sys.path.insert(0, str(ROOT / "tests/tools"))
sys.path.insert(0, str(ROOT / "tools"))
from office import Office  # noqa: E402

PICTURES = ROOT / "build/window"
USERNAME, PASSWORD = "operator", "correct horse battery"
DEADLINE = 20.0 * SLOWNESS


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status}\n{self.headers}\n{self.body[:400]!r}"


class House(Office):
    """A server whose page has a port that stays the same when it is started again."""

    def __init__(self, binary):
        super().__init__(binary, ROOT / "tests/window/page.toml")
        self.port, self._browser = free_port(), None
        original = self.template.read_text(encoding="utf-8")
        self.template = self.directory / "page.toml"
        self.template.write_text(original.replace("$port", str(self.port)), encoding="utf-8")

    @property
    def browser(self):
        """One for all tests, made when it is first asked for."""
        if self._browser is None:
            from browser import Browser
            self._browser = Browser(self.directory / "chromium")
        return self._browser

    def close_browser(self):
        if self._browser is not None:
            self._browser.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def ask(self, method, path, body=None, host=None, **headers):
        """One request. Underscores in names of headers stand for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        payload = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is not None and "Content_Type" not in headers:
            connection.putheader("Content-Type", "application/json")
        if body is not None:
            connection.putheader("Content-Length", str(len(payload)))
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(payload or None)
        with contextlib.closing(connection):
            return Answer(connection.getresponse())

    def enter(self, password=PASSWORD, **headers):
        return self.ask("POST", "/api/login", login_of(USERNAME, password), **headers)

    def link(self):
        """What `meerkat page` prints."""
        return self.done("page").out.strip()

    def enter_by_link(self, **headers):
        token = self.link().partition("#link=")[2]
        return self.ask("POST", "/api/login", {"command": "login", "arguments": {"link": token}}, **headers)


def login_of(username, password):
    return {"command": "login", "arguments": {"username": username, "password": password}}


def halves(answer):
    """The cookie and the token of a login, as headers."""
    return {"Cookie": re.match(r"[^;]+", answer.headers["Set-Cookie"])[0], "X_Meerkat_Token": answer.json()["token"]}


@contextlib.contextmanager
def stage(binary):
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running(House(binary)) as house:
        try:
            yield house
        finally:
            house.close_browser()


def wait_for(condition, what):
    until = time.monotonic() + DEADLINE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not happen within {DEADLINE:g} s")
        time.sleep(0.05)
