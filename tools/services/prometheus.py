# SPDX-License-Identifier: Apache-2.0
import contextlib
import json
import urllib.parse
import urllib.request

from .service import Service, find_program


class Prometheus(Service):
    """Scrapes what `scrapes` says, every second."""

    kind = "prometheus"

    def __init__(self, scrapes=(), rules=(), **options):
        """`scrapes`: host and port of each; `rules`: files."""
        super().__init__(**options)
        self.scrapes, self.rules = scrapes, rules

    def prepare(self):
        targets = ", ".join(f"'{each}'" for each in self.scrapes)
        (self.directory / "prometheus.yml").write_text(
            "global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n"
            f"rule_files: [{', '.join(map(str, self.rules))}]\n"
            f"scrape_configs:\n  - job_name: meerkat\n    static_configs:\n      - targets: [{targets}]\n")

    def command(self):
        return [find_program("prometheus"), f"--config.file={self.directory}/prometheus.yml",
                f"--storage.tsdb.path={self.directory}/data", f"--web.listen-address=127.0.0.1:{self.port}"]

    def ask(self, path, **parameters):
        address = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]

    def is_ready(self):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2):
            return True
        return False

    def query(self, expression):
        """The labels and the value of each series now."""
        return [(each["metric"], float(each["value"][1])) for each in self.ask("query", query=expression)["result"]]
