# SPDX-License-Identifier: Apache-2.0
import sys

from .service import Service, find_program, free_port

sys.path.append("/usr/lib/python3/dist-packages")

SETTINGS = """[cache]
STORAGE_DIR = {directory}
CONF_DIR = {directory}
LOCAL_DATA_DIR = {directory}/whisper
LOG_DIR = {directory}
PID_DIR = {directory}
USER =
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = {port}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = {pickle}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = {query}
ENABLE_UDP_LISTENER = False
LOG_UPDATES = False
LOG_CACHE_HITS = False
"""


class Carbon(Service):
    """Graphite's receiver; a value for each second is kept."""

    kind = "carbon"

    def prepare(self):
        (self.directory / "carbon.conf").write_text(
            SETTINGS.format(directory=self.directory, port=self.port, pickle=free_port(), query=free_port()))
        (self.directory / "storage-schemas.conf").write_text("[all]\npattern = .*\nretentions = 1s:2h\n")

    def command(self):
        return [find_program("carbon-cache"), f"--config={self.directory}/carbon.conf",
                f"--pidfile={self.directory}/carbon.pid", "--nodaemon", "start"]

    def names(self):
        """Of all that was ever received, with dots."""
        folder = self.directory / "whisper"
        return {".".join(file.relative_to(folder).with_suffix("").parts) for file in folder.rglob("*.wsp")}

    def values(self, name, since=0):
        """What was written for a name since then, oldest first."""
        import whisper
        file = self.directory.joinpath("whisper", *name.split(".")).with_suffix(".wsp")
        if not file.exists():
            return []
        return [value for value in whisper.fetch(str(file), since)[1] if value is not None]
