# SPDX-License-Identifier: Apache-2.0
# A server, and those who are told what it counts: carbon, StatsD, Prometheus, each the real one.
import contextlib
import os
import signal

from office import Office
from services.kinds import make_service
from xmpptest.exposition import Exposition
from xmpptest.server import ROOT, running
from xmpptest.waiting import eventually

TEMPLATE = ROOT / "tests/monitoring/monitored.toml"


class Monitored(Office):
    carbon = statsd = None

    def change(self, *pairs):
        """Changes the configuration file and lets the server read it; waits until it has."""
        text = self.config.read_text(encoding="utf-8")
        for old, new in pairs:
            if old not in text:
                raise ValueError(f"the configuration has no {old!r}")
            text = text.replace(old, new)
        self.config.write_text(text, encoding="utf-8")
        before = len(self.logged("reloaded"))
        self.process.send_signal(signal.SIGHUP)
        if not eventually(lambda: len(self.logged("reloaded")) > before):
            raise RuntimeError(f"the server did not take its configuration\n{self.log_tail()}")

    def exposed(self, part=""):
        return Exposition(self.done("metrics", *([part] if part else [])).out)

    def value(self, name, **labels):
        return self.exposed(name).value(name, **labels)

    def come_and_go(self, user, times=1):
        for _ in range(times):
            self.log_in(user).close()


@contextlib.contextmanager
def stage(binary):
    with make_service("carbon") as carbon, make_service("statsd") as statsd:
        template = carbon.directory / "monitored.toml"
        text = TEMPLATE.read_text().replace("CARBON", str(carbon.port)).replace("STATSD", str(statsd.port))
        template.write_text(text)
        server = Monitored(binary, template, env={**os.environ, "NODE_NAME": "node7"})
        server.carbon, server.statsd = carbon, statsd
        with running(server):
            yield server
