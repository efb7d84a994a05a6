# SPDX-License-Identifier: Apache-2.0
import contextlib
import signal
import urllib.request
from pathlib import Path

from .maven import class_path
from .service import Service, find_program

FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto",
         "-Dlog4j2.disable.jmx=true"]


class OpenSearch(Service):
    """One node that keeps everything in its folder; neither TLS nor passwords, which are plugins of others."""

    kind = "opensearch"
    start_deadline = 300.0  # ten seconds, on a machine that has nothing else to do

    def prepare(self):
        find_program("java")
        class_path(self.kind)

    def command(self):
        return [find_program("java"), *FLAGS, f"-Djava.io.tmpdir={self.directory}", "-cp", class_path(self.kind),
                str(Path(__file__).with_name("OpenSearchNode.java")), str(self.directory), str(self.port)]

    def is_ready(self):
        with contextlib.suppress(OSError):
            url = f"http://127.0.0.1:{self.port}/_cluster/health"
            return urllib.request.urlopen(url, timeout=2).status == 200
        return False

    def stop(self, number=signal.SIGKILL):
        """Nothing of it is kept, so it need not tidy up."""
        super().stop(number)
