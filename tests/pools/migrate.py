# SPDX-License-Identifier: Apache-2.0
# Tables made by hand, before the first start of a server.
import subprocess

from faults import expect, person
from xmpptest.server import Server, running


def migrate(binary, template, service):
    """`meerkat db migrate` shows what is to do, does it, and finds nothing left to do."""
    config = service.directory / "migrate.toml"
    config.write_text(template.read_text().replace("$data", str(service.directory / "migrate")))
    for more, outcome in (["--dry-run"], "to do"), ([], "done"), ([], "up to date"):
        said = subprocess.run([binary, "db", "migrate", "--config", config, *more], capture_output=True, text=True)
        expect(said.returncode == 0, f"{' '.join(more)} says {said.stdout} {said.stderr}")
        ends = {line.rpartition(": ")[2] for line in said.stdout.splitlines() if line.startswith("[")}
        expect(ends == {outcome}, f"{' '.join(more)} says {said.stdout}")


def by_hand(binary, template, service):
    """A server that may not make tables uses those that `meerkat db schema` has made."""
    for statement in ("REVOKE CREATE ON SCHEMA public FROM PUBLIC", "ALTER DATABASE meerkat OWNER TO postgres",
                      subprocess.run([binary, "db", "schema", "pgsql"], capture_output=True, text=True,
                                     check=True).stdout,
                      "GRANT ALL ON ALL TABLES IN SCHEMA public TO meerkat",
                      "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO meerkat"):
        service.psql(statement)
    with running(Server(binary, template)) as server, person(server) as somebody:
        somebody.ask("get", "<query xmlns='jabber:iq:private'><notes xmlns='urn:example:notes'/></query>")
        expect(not server.logged("pool_schema_failed"), "it tries to make tables")
