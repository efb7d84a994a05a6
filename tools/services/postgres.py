# SPDX-License-Identifier: Apache-2.0
import contextlib
import os
import signal
import time
from pathlib import Path

from .service import Service, find_program
from .tls_files import tls_files


class Postgres(Service):
    """The user `meerkat` owns the database `meerkat`; the superuser is `postgres`, through the socket in the folder."""

    kind = "postgres"
    user = "postgres"

    def program(self, name):
        return find_program(name, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))

    def prepare(self):
        self.password = self.password or "secret of meerkat"
        if self.runs_as:
            self.give_away()
        self.run_as_user(self.program("initdb"), "-D", self.directory / "data", "-U", "postgres", "-A", "trust",
                         "-E", "UTF8", "--no-sync", "--locale=C")
        peer = f"{self.network.here if self.network else '127.0.0.1'}/32"
        rules = ["local all all trust", f"{'hostssl' if self.tls else 'host'} all all {peer} scram-sha-256"]
        (self.directory / "data/pg_hba.conf").write_text("\n".join(rules) + "\n")
        settings = [f"unix_socket_directories = '{self.directory}'", f"listen_addresses = '{self.address}'",
                    "fsync = off", f"port = {self.port}", "max_connections = 200"]
        if self.tls:
            files = tls_files(self.directory)
            self.clients_authority = tls_files(self.directory, "client").authority
            settings += ["ssl = on", f"ssl_ca_file = '{self.clients_authority}'", f"ssl_cert_file = '{files.certificate}'", f"ssl_key_file = '{files.key}'"]
        with (self.directory / "data/postgresql.conf").open("a") as conf:
            conf.write("\n".join(settings) + "\n")

    def command(self):
        return [self.program("postgres"), "-D", str(self.directory / "data")]

    def is_ready(self):
        return self.psql("SELECT 1", database="postgres", check=False) is not None

    def started(self):
        if not self.psql("SELECT 1 FROM pg_roles WHERE rolname = 'meerkat'", database="postgres"):
            self.psql(f"CREATE ROLE meerkat LOGIN PASSWORD '{self.password or 'secret of meerkat'}'",
                      database="postgres")
            self.psql("CREATE DATABASE meerkat OWNER meerkat", database="postgres")

    def psql(self, text, database="meerkat", user="postgres", check=True):
        """Rows as lines; nothing when it failed and that may be."""
        try:
            return self.run_as_user(self.program("psql"), "-h", self.directory, "-p", self.port, "-U", user, "-d",
                                    database, "-At", "-c", text).stdout
        except Exception:
            if check:
                raise
            return None

    @contextlib.contextmanager
    def table_held(self, table):
        """Nobody else reads or changes it meanwhile."""
        with self.conversation(self.program("psql"), "-h", self.directory, "-p", self.port, "-U", "postgres", "-d",
                               "meerkat", "-Atq") as talk:
            talk(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';")
            yield

    def move_to_small_disk(self):
        """The database of meerkat lies on a disk of its own from now on; what is logged ahead does not. Raises NotHere."""
        disk = self.mount_small_disk(megabytes=24)
        self.psql(f"CREATE TABLESPACE small LOCATION '{disk}'", database="postgres")
        self.psql("ALTER DATABASE meerkat SET TABLESPACE small", database="postgres")

    def fill_disk(self):
        self.psql("CREATE TABLE filler (bytes text)")
        for rows in (1000, 100, 10, 1):
            text = f"INSERT INTO filler SELECT repeat(md5(n::text), 60) FROM generate_series(1, {rows}) AS n"
            while self.psql(text, check=False) is not None:
                pass

    def make_room(self):
        self.psql("DROP TABLE filler")

    def send(self, number):
        """Its processes are groups of their own: stopping the first one would not stop those that answer."""
        super().send(number)
        if number in (signal.SIGSTOP, signal.SIGCONT):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), number)

    def show_certificate(self, kind):
        """From now on, to new connections: one of the kinds of tls_files; brings the file of its authority."""
        files = tls_files(self.directory, kind)
        if self.runs_as:
            self.give_away()
        self.psql(f"ALTER SYSTEM SET ssl_cert_file = '{files.certificate}'")
        self.psql(f"ALTER SYSTEM SET ssl_key_file = '{files.key}'")
        self.psql("SELECT pg_reload_conf()")
        self.wait_for("SHOW ssl_cert_file", files.certificate)
        return files.authority

    def ask_for_certificate(self):
        """From now on clients show one that their authority has signed. Brings its file and its key's, and a stranger's."""
        rules = self.directory / "data/pg_hba.conf"
        rules.write_text(rules.read_text().replace("scram-sha-256", "scram-sha-256 clientcert=verify-ca"))
        self.psql("SELECT pg_reload_conf()")
        self.wait_for("SELECT count(*) FROM pg_hba_file_rules WHERE 'clientcert=verify-ca' = ANY (options)", "1")
        return self.client_certificates()

    def wait_for(self, question, answer):
        deadline = time.monotonic() + 10
        while self.psql(question).strip() != answer:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{question} is not {answer}")
            time.sleep(0.02)

    def stop(self, number=signal.SIGINT):
        super().stop(number)
