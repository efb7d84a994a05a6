# SPDX-License-Identifier: Apache-2.0
# The client's side of SASL PLAIN (RFC 4616) and SCRAM (RFC 5802, RFC 7677).
import base64
import hashlib
import hmac
import secrets


def encode(raw):
    return base64.b64encode(raw.encode() if isinstance(raw, str) else raw).decode()


def decode(text):
    return base64.b64decode(text, validate=True)


def plain(name, password, authzid=""):
    return f"{authzid}\0{name}\0{password}".encode()


class Scram:
    """One exchange: first(), final(challenge), verify(success)."""

    def __init__(self, mechanism, name, password, authzid="", flag="n", bound_to=b""):
        self._hash = mechanism.removeprefix("SCRAM-").removesuffix("-PLUS").replace("SHA-", "sha").lower()
        self._gs2 = f"{flag},{'a=' + authzid if authzid else ''},"
        self._bound_to = bound_to
        self._name = name.replace("=", "=3D").replace(",", "=2C")
        self._password = password
        self._nonce = secrets.token_urlsafe(18)

    def first(self):
        self._first_bare = f"n={self._name},r={self._nonce}"
        return (self._gs2 + self._first_bare).encode()

    def _hmac(self, key, text):
        return hmac.new(key, text, self._hash).digest()

    def final(self, challenge):
        fields = dict(part.split("=", 1) for part in challenge.decode().split(","))
        if not fields["r"].startswith(self._nonce) or fields["r"] == self._nonce:
            raise ValueError(f"the server's nonce {fields['r']} does not extend ours")
        salted = hashlib.pbkdf2_hmac(self._hash, self._password.encode(), decode(fields["s"]), int(fields["i"]))
        client_key = self._hmac(salted, b"Client Key")
        bare = f"c={encode(self._gs2.encode() + self._bound_to)},r={fields['r']}"
        signed = f"{self._first_bare},{challenge.decode()},{bare}".encode()
        signature = self._hmac(hashlib.new(self._hash, client_key).digest(), signed)
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self._expected = "v=" + encode(self._hmac(self._hmac(salted, b"Server Key"), signed))
        return f"{bare},p={encode(proof)}".encode()

    def verify(self, success):
        if success.decode() != self._expected:
            raise ValueError("the server does not know the password: its signature is wrong")
