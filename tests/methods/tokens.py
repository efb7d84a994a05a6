# SPDX-License-Identifier: Apache-2.0
# auth.jwt: signed tokens as passwords.
import base64
import hashlib
import hmac
import json
import time

from kit import expect_same, log_in, offered, refusal, server_with
from xmpptest.runner import test

SECRET = "thirty-two bytes of a secret, or more"
AUTH = """
[auth]
  sasl_mechanisms = ["scram_sha256", "plain"]
[auth.jwt]
  secret.file = "$$HERE/jwt.key"
  algorithm = "HS256"
  username_key = "user"
"""


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(secret=SECRET, algorithm="HS256", **claims):
    signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
    return f"{signed}.{base64url(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


@test("a token is a password for whom it names, in its time, if our key has signed it (RFC 7519)")
def tokens_are_passwords(binary):
    now = int(time.time())
    with server_with(binary, AUTH, files=[("jwt.key", SECRET)]) as server:
        expect_same(offered(server), ["PLAIN"])
        log_in(server, "alice", token(user="alice"))
        log_in(server, "alice", token(user="alice", exp=now + 600, iat=now, nbf=now))
        for reason, wrong in {
            "somebody else's": token(user="bob"),
            "expired": token(user="alice", exp=now - 1),
            "not yet": token(user="alice", nbf=now + 600),
            "another key": token(user="alice", secret="another secret of thirty-two bytes"),
            "unsigned": token(user="alice", algorithm="none"),
            "no name": token(name="alice"),
            "a password": "secret",
        }.items():
            expect_same((reason, refusal(server, "alice", wrong)), (reason, "not-authorized"))
        # Long keys and many claims make long tokens.
        log_in(server, "alice", token(user="alice", groups=["x" * 20] * 90))
        expect_same(refusal(server, "alice", token(user="alice", filling="x" * 6000)), "malformed-request")
