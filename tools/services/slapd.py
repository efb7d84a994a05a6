# SPDX-License-Identifier: Apache-2.0
import contextlib
import socket
import subprocess
from pathlib import Path

from .service import NotHere, Service, find_program, free_port
from .tls_files import tls_files

SUFFIX = "dc=example,dc=org"
SCHEMAS = ("core", "cosine", "inetorgperson")
FOLDERS = ["people", "hidden"]
PEOPLE = [("alice", "Alice", "Liddell"), ("bob", "Bob", "Builder"), ("carol", "Carol", "Singer")]


class Slapd(Service):
    """dc=example,dc=org with alice, bob and carol in ou=people, whose passwords are "secret of alice" and so on.
    cn=admin may everything (its password is ours); ou=hidden is seen by it alone. With TLS the port is that of ldaps,
    and `plain_port` tells the other one, where StartTLS is spoken. Up to 500 entries are found at once."""

    kind = "slapd"
    start_deadline = 30.0

    def __init__(self, **options):
        super().__init__(**options)
        self.password = self.password or "secret of admin"
        self.other_port = free_port()
        self.certificate = "good"

    def prepare(self):
        find_program("slapadd")
        schemas = Path("/etc/ldap/schema")
        if not schemas.exists():
            raise NotHere("the schemas of slapd are not installed; ./dev deps installs slapd")
        (self.directory / "data").mkdir()
        self.write_settings()
        (self.directory / "start.ldif").write_text(self.entries())
        self.slapadd("start.ldif")

    def write_settings(self):
        lines = [f"include /etc/ldap/schema/{name}.schema" for name in SCHEMAS]
        lines += ["modulepath /usr/lib/ldap", "moduleload back_mdb", f"pidfile {self.directory}/pid",
                  "allow bind_v2", "sizelimit 500"]
        if self.tls:
            files = tls_files(self.directory, self.certificate)
            lines += [f"TLSCertificateFile {files.certificate}", f"TLSCertificateKeyFile {files.key}",
                      f"TLSCACertificateFile {files.authority}"]
        lines += ["database mdb", f'suffix "{SUFFIX}"', f'rootdn "cn=admin,{SUFFIX}"', f'rootpw "{self.password}"',
                  f"directory {self.directory}/data", "index uid eq", "dbnosync",
                  "access to attrs=userPassword by anonymous auth by * none",
                  f'access to dn.subtree="ou=hidden,{SUFFIX}" by * none', "access to * by * read"]
        (self.directory / "slapd.conf").write_text("\n".join(lines) + "\n")

    def entries(self):
        parts = [f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n"]
        parts += [f"dn: ou={name},{SUFFIX}\nobjectClass: organizationalUnit\nou: {name}\n" for name in FOLDERS]
        parts += [person(*words) for words in PEOPLE]
        return "\n".join(parts)

    def slapadd(self, name):
        subprocess.run([find_program("slapadd"), "-q", "-f", "slapd.conf", "-l", name], cwd=self.directory, check=True,
                       capture_output=True)

    def command(self):
        self.write_settings()
        first = "ldaps" if self.tls else "ldap"
        return [find_program("slapd"), "-d", "0", "-f", str(self.directory / "slapd.conf"), "-h",
                f"{first}://127.0.0.1:{self.port} ldap://127.0.0.1:{self.other_port}"]

    def is_ready(self):
        """An anonymous bind is answered."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.other_port), 1) as probe:
            probe.sendall(bytes.fromhex("300c020101600702010304008000"))
            return probe.recv(100).startswith(b"\x30")
        return False

    # For tests, through `call`.
    def plain_port(self):
        return self.other_port

    def use_certificate(self, kind):
        """For the next start."""
        self.certificate = kind
        return tls_files(self.directory, kind).authority

    def add_people(self, count):
        """While it is stopped: u0, u1, … with a title that is long."""
        text = "\n".join(person(f"u{i}", f"U{i}", "Many") + f"description: {'x' * 200}\n" for i in range(int(count)))
        (self.directory / "more.ldif").write_text(text)
        self.slapadd("more.ldif")


def person(uid, given, family):
    return (f"dn: uid={uid},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {given} {family}\n"
            f"sn: {family}\ngivenName: {given}\nmail: {uid}@example.org\nuserPassword: secret of {uid}\n")
