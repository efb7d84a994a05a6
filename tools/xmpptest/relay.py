# SPDX-License-Identifier: Apache-2.0
# A network between clients and a server that can be cut: what arrives at its address is passed on, until it is not.
import queue
import selectors
import socket
import struct
import threading


class Relay:
    """Passes bytes on in a thread of its own. A `with` ends it."""

    def __init__(self, target):
        self._target, self._listener = target, socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self._orders, self._peers = queue.Queue(), {}  # of each end of a connection the other one
        self._selector, (self._wake, woken) = selectors.DefaultSelector(), socket.socketpair()
        self._selector.register(woken, selectors.EVENT_READ)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._woken, self._broken, self._over = woken, False, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._order(self._end)
        self._thread.join()

    def cut(self):
        """Ends all connections on both sides (RST), and those to come, until mend()."""
        self._order(self._cut)

    def mend(self):
        self._order(self._mend)

    def _order(self, what):
        done = threading.Event()
        self._orders.put((what, done))
        self._wake.send(b"!")
        done.wait()

    def _run(self):
        while not self._over:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    self._obey()
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj in self._peers:
                    self._pass_on(key.fileobj)

    def _obey(self):
        self._woken.recv(1)
        what, done = self._orders.get()
        what()
        done.set()

    def _accept(self):
        client, _ = self._listener.accept()
        if self._broken:
            self._reset(client)
            return
        server = socket.create_connection(self._target)
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one):
        other = self._peers[one]
        try:
            data = one.recv(65536)
            other.sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (one, other):
                self._forget(end)
                end.close()

    def _forget(self, end):
        self._selector.unregister(end)
        del self._peers[end]

    @staticmethod
    def _reset(end):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()

    def _cut(self):
        self._broken = True
        for end in list(self._peers):
            self._forget(end)
            self._reset(end)

    def _mend(self):
        self._broken = False

    def _end(self):
        self._cut()
        self._listener.close()
        self._over = True
