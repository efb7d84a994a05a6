# SPDX-License-Identifier: Apache-2.0
from .service import Service, find_program
from .tls_files import tls_files


class Nghttpx(Service):
    """HTTP/2 over TLS in front of a service that speaks HTTP/1.1."""

    kind = "nghttpx"
    back = 1

    def behind(self, port):
        """The port of what is behind it; before the start."""
        self.back = int(port)

    def command(self):
        files = tls_files(self.directory)
        return [find_program("nghttpx"), "--conf=/dev/null", f"--frontend=127.0.0.1,{self.port}",
                f"--backend=127.0.0.1,{self.back}", "--workers=1", "--no-ocsp", "--accesslog-file=/dev/null",
                files.key, files.certificate]
