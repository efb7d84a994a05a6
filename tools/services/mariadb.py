# SPDX-License-Identifier: Apache-2.0
import contextlib
import shutil
import signal

from .service import Service, find_program
from .tls_files import tls_files

# The data outlives the process, and need not outlive the machine.
QUICKLY = ["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--sync-frm=off",
           "--innodb-doublewrite=0", "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M"]


class MariaDB(Service):
    """The user `meerkat` owns the database `meerkat`; the superuser is `root`, through the socket in the folder."""

    kind = "mariadb"
    user = "mysql"

    def prepare(self):
        self.password = self.password or "secret of meerkat"
        if self.tls:
            self.copy_certificate("good")
            shutil.copy(tls_files(self.directory, "client").authority, self.directory / "clients_authority.pem")
        if self.runs_as:
            self.give_away()
        self.run_as_user(find_program("mariadb-install-db"), "--no-defaults", f"--datadir={self.directory / 'data'}",
                         "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
                         *QUICKLY)

    @property
    def socket(self):
        return self.directory / "socket"

    def command(self):
        words = [find_program("mariadbd"), "--no-defaults", f"--datadir={self.directory / 'data'}",
                 f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
                 f"--pid-file={self.directory / 'pid'}", "--skip-log-bin", "--max-connections=200",
                 "--performance-schema=off", *QUICKLY]
        if self.tls:
            words += [f"--ssl-cert={self.directory / 'certificate.pem'}", f"--ssl-key={self.directory / 'key.pem'}",
                      f"--ssl-ca={self.directory / 'clients_authority.pem'}"]
        return words

    def is_ready(self):
        return self.sql("SELECT 1", check=False) is not None

    def started(self):
        password = self.password or "secret of meerkat"
        needs = "REQUIRE SSL" if self.tls else ""
        self.sql("CREATE DATABASE IF NOT EXISTS meerkat CHARACTER SET utf8mb4; "
                 f"CREATE USER IF NOT EXISTS meerkat@'127.0.0.1' IDENTIFIED BY '{password}' {needs}; "
                 "GRANT ALL ON meerkat.* TO meerkat@'127.0.0.1'")

    def copy_certificate(self, kind):
        files = tls_files(self.directory, kind)
        shutil.copy(files.certificate, self.directory / "certificate.pem")
        shutil.copy(files.key, self.directory / "key.pem")
        return files.authority

    def show_certificate(self, kind):
        """From now on, to new connections: one of the kinds of tls_files; brings the file of its authority."""
        authority = self.copy_certificate(kind)
        if self.runs_as:
            self.give_away()
        self.sql("FLUSH SSL")
        return authority

    def ask_for_certificate(self):
        """From now on clients show one that their authority has signed. Brings its file and its key's, and a stranger's."""
        self.sql("ALTER USER meerkat@'127.0.0.1' REQUIRE X509")
        return self.client_certificates()

    def sql(self, text, check=True):
        """As root; rows as lines. Nothing when it failed and that may be."""
        try:
            return self.run_as_user(find_program("mariadb"), "--no-defaults", f"--socket={self.socket}", "-u", "root",
                                    "-N", "-B", "-e", text).stdout
        except Exception:
            if check:
                raise
            return None

    @contextlib.contextmanager
    def table_held(self, table):
        """Nobody else reads or changes it meanwhile."""
        with self.conversation(find_program("mariadb"), "--no-defaults", f"--socket={self.socket}", "-u", "root", "-N",
                               "-B", "-n", "meerkat") as talk:
            talk(f"LOCK TABLES {table} WRITE; SELECT 'held';")
            yield

    def stop(self, number=signal.SIGTERM):
        super().stop(number)
