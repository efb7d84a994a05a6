# SPDX-License-Identifier: Apache-2.0
import json
import sys
from pathlib import Path

from .service import Service
from .tls_files import tls_files


class Web(Service):
    """A web service whose answers a test writes; see web_server.py. A password has no meaning here."""

    kind = "web"
    certificate = "good"

    def prepare(self):
        self.answers("{}")
        self.forget()

    def command(self):
        words = [sys.executable, str(Path(__file__).with_name("web_server.py")), str(self.directory), str(self.port)]
        if self.tls:
            files = tls_files(self.directory, self.certificate)
            words += [files.certificate, files.key, files.authority]
        return words

    def use_certificate(self, kind):
        """Of tls_files; from the next start on."""
        self.certificate = kind

    def answers(self, text):
        """The text of answers.json: from now on."""
        json.loads(text)
        new = self.directory / "answers.new"
        new.write_text(text)
        new.rename(self.directory / "answers.json")

    def requests(self):
        """What it was asked, as a list in JSON."""
        lines = (self.directory / "requests.jsonl").read_text().splitlines()
        return "[" + ",".join(lines) + "]"

    def forget(self):
        (self.directory / "requests.jsonl").write_text("")
