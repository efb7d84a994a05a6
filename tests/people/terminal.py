# SPDX-License-Identifier: Apache-2.0
# profanity in a terminal of its own (tmux): somebody adds a contact and chats.
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from xmpptest.runner import LeftOut, expect, test
from xmpptest.waiting import eventually


class Terminal:
    """profanity in a tmux of its own, with a home of its own."""

    def __init__(self, certificate):
        self._home = tempfile.TemporaryDirectory(prefix="meerkat-profanity-")
        config = Path(self._home.name) / "config" / "profanity"
        config.mkdir(parents=True)
        (config / "profrc").write_text("[notifications]\ninvite=false\n[ui]\nsplash=false\n", encoding="utf-8")
        self._tmux = ["tmux", "-S", f"{self._home.name}/socket"]
        environment = {**os.environ, "XDG_CONFIG_HOME": f"{self._home.name}/config", "TERM": "xterm-256color",
                       "XDG_DATA_HOME": f"{self._home.name}/data", "LC_ALL": "C.UTF-8",
                       "SSL_CERT_FILE": str(certificate)}
        subprocess.run([*self._tmux, "new-session", "-d", "-x", "160", "-y", "50", "profanity"], env=environment,
                       check=True)

    def types(self, line):
        subprocess.run([*self._tmux, "send-keys", "-l", line], check=True)
        subprocess.run([*self._tmux, "send-keys", "Enter"], check=True)

    def screen(self):
        return subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True).stdout

    def shows(self, text):
        expect(eventually(lambda: text in self.screen()), f"no '{text}' on the screen:\n{self.screen()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run([*self._tmux, "kill-server"], check=False)
        self._home.cleanup()


@test("with profanity somebody adds a contact and chats")
def test_profanity(town):
    if not shutil.which("profanity") or not shutil.which("tmux"):
        raise LeftOut("profanity and tmux are not here; ./dev deps installs them")
    name, password = town.account("alice")
    bob = town.newcomer("bob").comes_online()
    host, port = town.server.address
    with Terminal(town.certificate) as terminal:
        terminal.shows("Profanity")
        terminal.types(f"/connect {name}@localhost server {host} port {port} tls trust")
        terminal.shows("password")
        terminal.types(password)
        terminal.shows("logged in successfully")

        terminal.types(f"/roster add {bob.bare} Bob")
        terminal.types(f"/sub request {bob.bare}")
        bob.hears("presence", lambda p: p["type"] == "subscribe")
        bob.shows(pto=f"{name}@localhost", ptype="subscribed")
        terminal.shows("Bob")

        terminal.types(f"/msg {bob.bare} hello from the terminal")
        letter = bob.hears_text("hello from the terminal")
        bob.writes(letter["from"], "hello terminal")
        terminal.shows("hello terminal")
