# SPDX-License-Identifier: Apache-2.0
# A TLS client with the calls that Python's ssl leaves out: renegotiation, key updates, any ALPN. OpenSSL by ctypes.
import ctypes
import ctypes.util
import socket

_ssl = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
for _name in ("SSL_CTX_new", "SSL_new", "TLS_client_method"):
    getattr(_ssl, _name).restype = ctypes.c_void_p
_ssl.SSL_CTX_ctrl.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
_ssl.SSL_CTX_ctrl.restype = ctypes.c_long
SET_MIN, SET_MAX, TLS1_2, TLS1_3 = 123, 124, 0x0303, 0x0304


def _pointer(value):
    return ctypes.c_void_p(value)


class OpenSsl:
    """A connection with TLS inside of it. False or empty is what fails."""

    def __init__(self, address, version):
        self._socket = socket.create_connection(address, timeout=10)
        self._context = _ssl.SSL_CTX_new(_pointer(_ssl.TLS_client_method()))
        for which in SET_MIN, SET_MAX:
            _ssl.SSL_CTX_ctrl(_pointer(self._context), which, version, None)
        self._ssl = _ssl.SSL_new(_pointer(self._context))
        self._socket.settimeout(None)  # OpenSSL reads from the descriptor itself; the kernel's clock bounds it
        for option in socket.SO_RCVTIMEO, socket.SO_SNDTIMEO:
            self._socket.setsockopt(socket.SOL_SOCKET, option, (10).to_bytes(8, "little") + bytes(8))
        _ssl.SSL_set_fd(_pointer(self._ssl), self._socket.fileno())

    def handshake(self):
        return _ssl.SSL_connect(_pointer(self._ssl)) == 1

    def send(self, data):
        return _ssl.SSL_write(_pointer(self._ssl), data, len(data)) == len(data)

    def receive(self):
        room = ctypes.create_string_buffer(65536)
        size = _ssl.SSL_read(_pointer(self._ssl), room, len(room))
        return room.raw[:size] if size > 0 else b""

    def receive_until(self, words):
        got = b""
        while words not in got:
            more = self.receive()
            if not more:
                return b""
            got += more
        return got

    def renegotiate(self):
        """Asks for a new handshake inside of the connection (TLS 1.2)."""
        asked = _ssl.SSL_renegotiate(_pointer(self._ssl)) == 1
        return asked and _ssl.SSL_do_handshake(_pointer(self._ssl)) == 1

    def update_key(self, ask_for_theirs=True):
        """RFC 8446 §4.6.3; sent at once."""
        queued = _ssl.SSL_key_update(_pointer(self._ssl), 1 if ask_for_theirs else 0) == 1
        return queued and _ssl.SSL_do_handshake(_pointer(self._ssl)) == 1

    def close(self):
        self._socket.close()
        _ssl.SSL_free(_pointer(self._ssl))
        _ssl.SSL_CTX_free(_pointer(self._context))
