# SPDX-License-Identifier: Apache-2.0
# A client without TLS that sends messages to one address as fast as it is let, in threads of its own.
import threading

from .wire import Problem

MESSAGE = "<message to='{to}' type='chat' id='f'><body>" + "flood " * 160 + "</body></message>"
PATIENCE = 0.5  # how soon a thread notices that the flood is over


class Flood:
    """Goes on until a message is returned, the connection ends, or stop()."""

    def __init__(self, client, to):
        self._client, self._message = client, MESSAGE.format(to=to).encode() * 16
        self._over = threading.Event()
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._write, self._read)]
        for thread in self._threads:
            thread.start()

    def _write(self):
        rest = b""
        with self._client.another_socket() as socket:
            socket.settimeout(PATIENCE)
            while not self._over.is_set():
                rest = rest or self._message
                try:
                    rest = rest[socket.send(rest):]
                except TimeoutError:
                    pass  # the server does not read from us for a while
                except OSError:
                    break

    def _read(self):
        while not self._over.is_set():
            try:
                event = self._client.next("a message that comes back", within=PATIENCE)
            except Problem:
                continue
            if event.kind != "stanza" or event.element.attributes.get("type") == "error":
                break
        self._over.set()

    def is_over(self):
        return self._over.is_set()

    def stop(self):
        self._over.set()
        for thread in self._threads:
            thread.join()
