# SPDX-License-Identifier: Apache-2.0
# auth.pki: whoever has a certificate is whom it names; sasl_external says how certificates name people.
from kit import client_of, expect_same, offered, refusal, server_with
from xmpptest.runner import test

LISTENER = """
  tls.mode = "starttls"
  tls.cacertfile = "$authority"
  tls.disconnect_on_failure = false
"""


def name_by(server, certificate, wish=""):
    """Who somebody with this certificate is."""
    with client_of(server, certificate) as client:
        client.secure()
        client.authenticate("", "", "EXTERNAL", authzid=wish)
        client.open_stream()
        return client.bind("here")


@test("with auth.pki a certificate is all that is needed, and nothing else will do (XEP-0178)")
def certificate_is_enough(binary):
    with server_with(binary, "[auth.pki]", LISTENER) as server:
        issue = server.authority().issue
        expect_same(offered(server), [])
        expect_same(offered(server, certificate=issue(["alice@localhost"])), ["EXTERNAL"])
        expect_same(name_by(server, issue(["alice@localhost"])), "alice@localhost/here")
        expect_same(name_by(server, issue(["alice@localhost", "bob@localhost"]), "bob@localhost"),
                    "bob@localhost/here")
        expect_same(refusal(server, "", "", "EXTERNAL", certificate=issue(["alice@elsewhere.example"])),
                    "invalid-authzid")
        expect_same(refusal(server, "", "", "EXTERNAL", certificate=issue([], common_name="alice")),
                    "invalid-authzid")


@test("methods that check passwords alone take no certificate")
def certificate_is_no_password(binary):
    with server_with(binary, "[auth.dummy]", LISTENER) as server:
        certificate = server.authority().issue(["alice@localhost"])
        expect_same(offered(server, certificate), ["PLAIN"])
        expect_same(refusal(server, "", "", "EXTERNAL", certificate), "invalid-mechanism")


@test("a certificate without an address names somebody by its common name, or lets the client say who it is")
def common_names(binary):
    auth = """
[auth]
  sasl_external = ["standard", "common_name"]
  sasl_external_common_name.prefix = "device-"
[auth.pki]
"""
    with server_with(binary, auth, LISTENER) as server:
        issue = server.authority().issue
        expect_same(name_by(server, issue([], common_name="lamp")), "device-lamp@localhost/here")
        expect_same(name_by(server, issue([], common_name="lamp"), "device-lamp"), "device-lamp@localhost/here")
        expect_same(name_by(server, issue(["alice@localhost"], common_name="lamp")), "alice@localhost/here")
        expect_same(refusal(server, "", "", "EXTERNAL", certificate=issue(["a@elsewhere.example"], common_name="lamp")),
                    "invalid-authzid")
        expect_same(refusal(server, "", "", "EXTERNAL", certificate=issue([], common_name="a@b")), "not-authorized")
    with server_with(binary, auth.replace("common_name\"]", "auth_id\"]"), LISTENER) as server:
        issue = server.authority().issue
        expect_same(name_by(server, issue([], common_name="lamp"), "carol"), "carol@localhost/here")
        expect_same(refusal(server, "", "", "EXTERNAL", certificate=issue([])), "invalid-authzid")
