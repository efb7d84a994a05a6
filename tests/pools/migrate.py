# SPDX-License-Identifier: Apache-2.0
# Tables made by hand, before the first start of a server.
import subprocess

from faults import expect


def migrate(binary, template, service):
    """`meerkat db migrate` shows what is to do, does it, and finds nothing left to do."""
    config = service.directory / "migrate.toml"
    config.write_text(template.read_text().replace("$data", str(service.directory / "migrate")))
    for more, outcome in (["--dry-run"], "to do"), ([], "done"), ([], "up to date"):
        said = subprocess.run([binary, "db", "migrate", "--config", config, *more], capture_output=True, text=True)
        expect(said.returncode == 0, f"{' '.join(more)} says {said.stdout} {said.stderr}")
        ends = {line.rpartition(": ")[2] for line in said.stdout.splitlines() if line.startswith("[")}
        expect(ends == {outcome}, f"{' '.join(more)} says {said.stdout}")
