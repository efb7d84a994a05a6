#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The server with its accounts and all that modules keep in databases outside: the same scenarios as with the embedded
# one, and what clients and operators see when such a database fails.
#   tests/pools/pools.py --server build/debug/meerkat [postgres|mariadb…]
import argparse
import re
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "tools"), str(Path(__file__).resolve().parent)]
import black_hole  # noqa: E402
import faults  # noqa: E402
import last  # noqa: E402
import migrate  # noqa: E402
import sessions  # noqa: E402
import shortages  # noqa: E402
from run_scenarios import SCENARIOS, read, run_group  # noqa: E402
from services.kinds import make_service  # noqa: E402
from services.own_network import OwnNetwork  # noqa: E402
from services.service import NotHere  # noqa: E402
from xmpptest.server import DidNotStart, Server, default_binary, summary  # noqa: E402

DRIVERS = {"postgres": "pgsql", "mariadb": "mysql"}
JOBS = 8  # dialogues at a time
PATIENT, IMPATIENT = 20, 2  # seconds for a query: of a machine that is busy, and of who waits for the fault
CONFIGS = ["im", "contacts", "offline"]
KEEPERS = ["mod_roster", "mod_last", "mod_offline", "mod_vcard", "mod_private", "mod_privacy", "mod_blocking"]


def with_pool(template, kind, service, seconds):
    """The text of a configuration whose accounts and modules are in the database of this service."""
    text = template.replace("[auth.internal]", "[auth.rdbms]")
    for module in KEEPERS:
        text = re.sub(rf"^\[modules\.{module}\]$", rf'[modules.{module}]\n  backend = "rdbms"', text, flags=re.M)
    return f"""{text}
[outgoing_pools.rdbms.default]
  workers = 4
  call_timeout = {1000 * (seconds + 3)}
  [outgoing_pools.rdbms.default.connection]
    driver = "{DRIVERS[kind]}"
    host = "{service.address}"
    port = {service.port}
    database = "meerkat"
    username = "meerkat"
    password = "{service.password}"
    query_timeout = {1000 * seconds}
    max_start_interval = 1
"""


def with_little_room(text):
    """For three requests at a time, of which none waits for another."""
    text = text.replace("  workers = 4\n", "  workers = 1\n  max_worker_queue_len = 2\n")
    return text.replace("[modules.mod_private]\n", '[modules.mod_private]\n  iqdisc.type = "parallel"\n')


class Books:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, passed, failed):
        self.passed, self.failed = self.passed + passed, self.failed + failed

    def note(self, name, problem):
        if problem:
            print(f"FAILED  {name}\n  {problem}\n", flush=True)
        self.passed, self.failed = self.passed + (not problem), self.failed + bool(problem)


def template_for(server_directory, config, kind, service, seconds):
    file = server_directory / f"{config}.{kind}.toml"
    file.write_text(with_pool((SCENARIOS / "configs" / f"{config}.toml").read_text(), kind, service, seconds))
    return file


def play_scenarios(binary, kind, service, books):
    for config in CONFIGS:
        files = [read(path) for path in sorted(SCENARIOS.glob("*.scenario"))]
        dialogues = [d for file in files if config in file.configs and not file.own_server for d in file.dialogues]
        server = Server(binary, template_for(service.directory, config, kind, service, PATIENT))
        try:
            server.start()
        except DidNotStart as problem:
            books.note(f"{kind}: a server with configuration {config} starts", problem)
            continue
        books.add(*run_group(server, f"{config} with {kind}", dialogues, JOBS, False))
        books.note(f"{kind}: a server with configuration {config} ends well", server.stop())


def play_sessions(binary, books):
    with make_service("redis") as service:
        template = service.directory / "sessions.toml"
        template.write_text(sessions.with_registry((SCENARIOS / "configs" / "im.toml").read_text(), service))
        try_one(books, "redis", sessions.check_sessions, binary, template, service)


def try_one(books, kind, check, *arguments):
    problem = None
    try:
        check(*arguments)
    except Exception as failure:
        problem = f"{type(failure).__name__}: {failure}"
    books.note(f"{kind}: {check.__doc__}", problem)


def play_black_holes(binary, books):
    with OwnNetwork() as network:
        with make_service("postgres", network=network) as service:
            template = template_for(service.directory, "im", "postgres", service, IMPATIENT)
            try_one(books, "postgres", black_hole.database, binary, template, service, network)
        with make_service("redis", network=network) as service:
            template = service.directory / "sessions.toml"
            template.write_text(sessions.with_registry((SCENARIOS / "configs" / "im.toml").read_text(), service))
            try_one(books, "redis", black_hole.sessions, binary, template, service, network)


def play_full_disk(binary, books):
    with make_service("postgres") as service:
        service.move_to_small_disk()
        template = template_for(service.directory, "im", "postgres", service, IMPATIENT)
        try_one(books, "postgres", shortages.full_disk, binary, template, service)


def play_by_hand(binary, books):
    with make_service("postgres") as service:
        template = template_for(service.directory, "im", "postgres", service, PATIENT)
        try_one(books, "postgres", migrate.by_hand, binary, template, service)


# What has a service of its own.
ALONE = {"by_hand": play_by_hand, "black_holes": play_black_holes, "full_disk": play_full_disk}


def play_last(binary, kind, service, books):
    template = service.directory / "last.toml"
    template.write_text(with_pool(last.CONFIG, kind, service, IMPATIENT).replace("[auth.rdbms]", "[auth.internal]")
                        .replace('[modules.mod_roster]\n  backend = "rdbms"', "[modules.mod_roster]"))
    for name, problem in last.try_all(binary, template, service):
        books.note(f"{kind}: {name}", problem)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=[*DRIVERS, "redis", *ALONE])
    parser.add_argument("--server", type=Path, default=None)
    parser.add_argument("--only-last", action="store_true", help="of PostgreSQL only what is about last activity")
    options = parser.parse_args()
    started, books = time.monotonic(), Books()
    binary = (options.server or default_binary()).resolve()
    for kind in options.kinds:
        try:
            if kind == "redis":
                play_sessions(binary, books)
                continue
            if kind in ALONE:
                ALONE[kind](binary, books)
                continue
            with make_service(kind) as service:
                if options.only_last:
                    play_last(binary, kind, service, books)
                    continue
                template = template_for(service.directory, "im", kind, service, IMPATIENT)
                try_one(books, kind, migrate.migrate, binary, template, service)
                play_scenarios(binary, kind, service, books)
                template = template_for(service.directory, "im", kind, service, IMPATIENT)
                for name, problem in faults.try_all(binary, template, service):
                    books.note(f"{kind}: {name}", problem)
                if kind == "postgres":
                    play_last(binary, kind, service, books)
                template.write_text(with_little_room(template.read_text()))
                try_one(books, kind, shortages.exhausted_pool, binary, template, service)
        except NotHere as reason:
            print(f"skipped {kind}: {reason}", flush=True)
    return summary("pools", books.passed, books.failed, started)


if __name__ == "__main__":
    sys.exit(main())
