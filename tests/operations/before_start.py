# SPDX-License-Identifier: Apache-2.0
# What an operator runs before the server: `meerkat setup` and `meerkat check`.
import json
import os
import socket
import sqlite3
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from started import started
from xmpptest.certificates import make_self_signed
from xmpptest.client import Client
from xmpptest.runner import test
from xmpptest.server import Server, free_port


def meerkat(binary, *arguments):
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def directory():
    with tempfile.TemporaryDirectory(prefix="meerkat-before-") as path:
        yield Path(path)


def written(path, port, tls="", more="", data="data"):
    config = path / "meerkat.toml"
    config.write_text(f"""[general]
  hosts = ["example.org"]
  default_server_domain = "example.org"
[[listen.c2s]]
  port = {port}
  ip_address = "127.0.0.1"
{tls}
[auth.internal]
[internal_databases.embedded]
  directory = "{path / data}"
{more}
""", encoding="utf-8")
    return config


def findings_of(binary, config):
    """The exit code, and the findings as "grade subject: text"."""
    done = meerkat(binary, "check", "--json", "--config", config)
    report = json.loads(done.stdout)
    worst = {"ok": 0, "warning": 1, "error": 2}
    assert done.returncode == worst[report["worst"]] == max(worst[f["grade"]] for f in report["findings"]), done
    return done.returncode, [f"{f['grade']} {f['subject']}: {f['text']}" for f in report["findings"]]


def has(findings, start, *words):
    assert any(f.startswith(start) and all(word in f for word in words) for f in findings), "\n".join(findings)


@test("the configuration that setup writes has no mistakes, starts as it is, and is not overwritten")
def setup_writes_what_starts(binary):
    with directory() as path:
        config, data = path / "etc" / "meerkat.toml", path / "data"
        arguments = ["setup", "chat.example.org", "admin@example.org", "--config", config, "--data", data]
        done = meerkat(binary, *arguments)
        assert done.returncode == 0, done
        for word in ("_xmpp-client._tcp.chat.example.org.", "_xmpps-client._tcp", "_xmpp-server._tcp", "certbot",
                     "-m admin@example.org", "AAAA"):
            assert word in done.stdout, (word, done.stdout)
        again = meerkat(binary, *arguments)
        assert again.returncode == 1 and "--force" in again.stderr, again
        assert meerkat(binary, *arguments, "--force").returncode == 0
        _, findings = findings_of(binary, config)
        has(findings, "ok configuration: ")
        # As it is but for the ports, which may be taken on this machine.
        text = config.read_text(encoding="utf-8").replace("port = 5222", 'port = 0\n  ip_address = "127.0.0.1"')
        template = path / "template.toml"
        template.write_text(text.replace("port = 5223", 'port = 0\n  ip_address = "127.0.0.1"'), encoding="utf-8")
        server = Server(binary, template, host="chat.example.org").start()
        try:
            client = Client(server.address, host="chat.example.org")
            client.secure()
            client.drop()
        finally:
            assert server.stop() is None
        assert (data / "self-signed.crt").exists()


@test("what is no domain or no address goes into no file and no command")
def setup_refuses_strange_words(binary):
    with directory() as path:
        config = path / "meerkat.toml"
        for domain, email in (("a b", "a@b.c"), ("example.org", "nobody"), ("example.org", "x'; rm -rf @b.c")):
            done = meerkat(binary, "setup", domain, email, "--config", config, "--data", path / "data")
            assert done.returncode == 1 and " is not a" in done.stderr, done
        assert not config.exists()


@test("every mistake of the configuration is an error of check, with its place")
def check_tells_all_mistakes(binary):
    with directory() as path:
        config = path / "meerkat.toml"
        config.write_text('[general]\n  hosts = ["a b"]\n  colour = "red"\n', encoding="utf-8")
        code, findings = findings_of(binary, config)
        assert code == 2
        has(findings, "error configuration: ", "meerkat.toml:2:12", "is not a domain")
        has(findings, "error configuration: ", "colour")
        table = meerkat(binary, "check", "--config", config)
        assert table.returncode == 2 and table.stdout.splitlines()[-1].endswith("to repair"), table


@test("a certificate is asked for its days, its names and its key; one for others is an error")
def check_looks_at_certificates(binary):
    with directory() as path:
        pem = path / "other.example.net.pem"
        make_self_signed("other.example.net", pem)
        pem.chmod(0o644)
        config = written(path, free_port(), tls=f'  tls.certfile = "{pem}"\n  tls.keyfile = "{pem}"')
        code, findings = findings_of(binary, config)
        assert code == 2
        has(findings, "error certificate: no certificate names example.org")
        has(findings, "warning certificate: ", "signed itself")
        has(findings, "warning certificate: everybody on this machine can read the key")
        good = path / "example.org.pem"
        make_self_signed("example.org", good)
        config = written(path, free_port(), tls=f'  tls.certfile = "{good}"\n  tls.keyfile = "{pem}"')
        _, findings = findings_of(binary, config)
        has(findings, "error certificate: ", "belongs to no certificate")


@test("a port that another program has is an error, one of the server that runs is not")
def check_looks_at_ports(binary):
    with directory() as path, socket.create_server(("127.0.0.1", 0)) as taken:
        code, findings = findings_of(binary, written(path, taken.getsockname()[1]))
        assert code == 2
        has(findings, "error port: ", "another program listens there")
    port = free_port()
    with started(binary, port=port) as server:
        _, findings = findings_of(binary, server.directory / "meerkat.toml")
        has(findings, f"ok port: 127.0.0.1:{port} is in use, and a Meerkat")
        has(findings, "ok database: ", "is whole; a server is using it")
        has(findings, "ok database: the tables of accounts have version ")
        assert not any(f.startswith("error") for f in findings), findings


@test("a damaged database is an error, one that is not there yet is not, and looking leaves no trace")
def check_looks_at_the_database(binary):
    with directory() as path:
        config = written(path, free_port())
        _, findings = findings_of(binary, config)
        has(findings, "ok data: ", "is not there yet")
        has(findings, "ok database: there is none yet")
        assert not (path / "data").exists()
        (path / "data").mkdir()
        database = path / "data" / "meerkat.sqlite"
        with sqlite3.connect(database) as filled:
            filled.execute("CREATE TABLE words (word TEXT)")
            filled.executemany("INSERT INTO words VALUES (?)", [(str(n) * 50,) for n in range(2000)])
        before = sorted(os.listdir(path / "data"))
        has(findings_of(binary, config)[1], "ok database: ", "is whole")
        assert sorted(os.listdir(path / "data")) == before
        with database.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * 20000)
        code, findings = findings_of(binary, config)
        assert code == 2
        has(findings, "error database: ", "restore the newest backup")


@test("descriptors, memory and the clock have a finding each")
def check_looks_at_limits(binary):
    with directory() as path:
        config = written(path, free_port())
        _, findings = findings_of(binary, config)
        for subject in ("descriptors", "memory", "clock"):
            assert any(f.split(" ")[1] == subject + ":" for f in findings), findings
        done = subprocess.run(["/bin/sh", "-c", 'ulimit -Hn 256; ulimit -n 256; exec "$0" "$@"', binary, "check",
                               "--config", config], capture_output=True, text=True, timeout=60, check=False)
        assert "raise LimitNOFILE=" in done.stdout and "192 sessions" in done.stdout, done
