#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What the server makes of configuration files, asked through its front door:
#   mistakes/*.toml    is refused, in the very words that its lines "#> …" say, and nothing is started
#   accepted/*.toml    starts the server, with the warnings that its lines "#> …" say
# The file that `meerkat config example` prints starts as it is; the schema of `meerkat config schema` accepts the files
# that the server accepts, and refuses what is of a wrong type.
import json
import re
import select
import signal
import subprocess
import sys
import tempfile
import tomllib
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools"))
from xmpptest.certificates import make_self_signed  # noqa: E402
from xmpptest.runner import Failed, Test, run_tests, test, tests_of  # noqa: E402

DEADLINE = 30.0
CONFIGURATION_WRONG = 2


def expected_of(file):
    """What the file says will be said of it."""
    return "".join(line.removeprefix("#>").removeprefix(" ") for line in file.read_text(encoding="utf-8")
                   .splitlines(keepends=True) if line.startswith("#>"))


def compare(expected, said):
    if said != expected:
        raise Failed(f"expected:\n{indented(expected)}\nsaid:\n{indented(said)}")


def indented(text):
    return "".join(f"    | {line}\n" for line in text.splitlines())


def prepare(directory, text):
    """A directory as the cases expect it: meerkat.toml, and the files they name."""
    (directory / "meerkat.toml").write_text(text, encoding="utf-8")
    (directory / "empty").mkdir()
    make_self_signed("localhost", directory / "both.pem")
    both = (directory / "both.pem").read_text(encoding="ascii")
    for name, kind in (("certificate.pem", "CERTIFICATE"), ("key.pem", "PRIVATE KEY")):
        found = re.search(rf"-----BEGIN {kind}-----.*?-----END {kind}-----\n", both, re.DOTALL)
        (directory / name).write_text(found[0], encoding="ascii")


def refused(binary, file):
    """All that is wrong is told at once, and the server does not start."""
    with tempfile.TemporaryDirectory(prefix="meerkat-test-") as name:
        prepare(Path(name), file.read_text(encoding="utf-8"))
        run = subprocess.run([binary, "serve", "--config", "meerkat.toml"], cwd=name, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=DEADLINE, check=False)
        compare(expected_of(file), run.stderr)
        if run.returncode != CONFIGURATION_WRONG or run.stdout:
            raise Failed(f"it ended with {run.returncode} and said {run.stdout!r}")
        if (Path(name) / "data").exists():
            raise Failed("something was started: there is a data directory")


def starts(binary, text, warnings=None):
    """The server starts from it, with these warnings and no others, and stops when it is told to."""
    with tempfile.TemporaryDirectory(prefix="meerkat-test-") as name:
        prepare(Path(name), text)
        log = Path(name) / "log"
        with log.open("wb") as errors:
            server = subprocess.Popen([binary, "serve", "--config", "meerkat.toml"], cwd=name,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
        try:
            readable = select.select([server.stdout], [], [], DEADLINE)[0]
            said = server.stdout.readline() if readable else b""
            if said != b"ready\n":
                raise Failed(f"it did not start:\n{indented(log.read_text(encoding='utf-8'))}")
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(DEADLINE)
            server.stdout.close()
        if code != 0:
            raise Failed(f"it ended with {code}")
        problems = [line for line in log.read_text(encoding="utf-8").splitlines(keepends=True)
                    if line.startswith("meerkat.toml")]
        if warnings is not None:
            compare(warnings, "".join(problems))


def printed(binary, what):
    return subprocess.run([binary, "config", what], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE, check=True).stdout


@test("the example that the server prints starts as it is")
def example_starts(binary):
    starts(binary, with_free_ports(printed(binary, "example")), "")


@test("MongooseIM's default file starts, with warnings for what Meerkat does not have")
def default_of_mongooseim_starts(binary):
    text = (ROOT / "conf/mongooseim-default.toml").read_text(encoding="utf-8")
    for written, here in (("priv/ssl/fake_cert.pem", "certificate.pem"), ("priv/ssl/fake_key.pem", "key.pem"),
                          ("port = 5222", "port = 0"), ("port = 5280", "port = 0"), ("port = 5551", "port = 0"),
                          ("port = 9091", "port = 0"), ("0.0.0.0", "127.0.0.1")):
        if written not in text:
            raise Failed(f"it has no {written}")
        text = text.replace(written, here)
    starts(binary, text, (HERE / "mongooseim-default.expected").read_text(encoding="utf-8"))


def with_free_ports(text):
    """The test may not take ports that others use."""
    return re.sub(r"(?m)^(\s*)port = \d+", r'\1ip_address = "127.0.0.1"\n\1port = 0', text)


def schema_of(binary):
    import jsonschema
    schema = json.loads(printed(binary, "schema"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(text):
    return tomllib.loads(text)


def schema_accepts(binary, files):
    validator = schema_of(binary)
    for file in files:
        text = re.sub(r"\$(\w+)", r"\1", file.read_text(encoding="utf-8"))
        for error in validator.iter_errors(read(text)):
            raise Failed(f"{file.name}: {'.'.join(map(str, error.absolute_path))}: {error.message}")


@test("the schema accepts the files that the server accepts")
def schema_accepts_what_starts(binary):
    schema_accepts(binary, sorted([*ROOT.glob("conf/*.toml"), *HERE.glob("accepted/*.toml"),
                                   *ROOT.glob("tests/scenarios/configs/*.toml")]))


@test("the schema accepts the example")
def schema_accepts_the_example(binary):
    for error in schema_of(binary).iter_errors(read(printed(binary, "example"))):
        raise Failed(f"{'.'.join(map(str, error.absolute_path))}: {error.message}")


@test("the schema refuses mistakes that editors should mark, one for each kind of option")
def schema_refuses_mistakes(binary):
    validator, good = schema_of(binary), (ROOT / "conf/quickstart.toml").read_text(encoding="utf-8")
    wrong = ["[general]\nhosts = [\"localhost\"]\n", good.replace('"notice"', '"loud"'),
             good.replace("port = 5222", 'port = "5222"'), good.replace("port = 5222", "prot = 5222"),
             good.replace('"starttls"', "true"), good + "\n[modules.mod_pign]\n", good + "\n[wrong]\n",
             good.replace('hosts = ["localhost"]', "hosts = [1]"), good + '\n[access]\nc2s = [{acl = "all"}]\n']
    for text in wrong:
        if text == good or validator.is_valid(read(text)):
            raise Failed(f"it accepts\n{indented(text)}")


@test("an option whose default says nothing is shown with an example")
def every_option_has_an_example(binary):
    bare = [line for line in printed(binary, "reference").splitlines()
            if re.match(r"\| `[^`]*` \| (?!without effect)", line) and "| — |" in line and "Example:" not in line
            and "Secret:" not in line and "| any value |" not in line]
    if bare:
        raise Failed("no example:\n" + indented("\n".join(bare)))


def tests_of_files():
    for file in sorted(HERE.glob("mistakes/*.toml")):
        yield Test(f"mistakes/{file.stem} is refused in these words", partial(refused, file=file))
    for file in sorted(HERE.glob("accepted/*.toml")):
        yield Test(f"accepted/{file.stem} starts the server", partial(starts, text=file.read_text(encoding="utf-8"),
                                                                     warnings=expected_of(file)))


if __name__ == "__main__":
    sys.exit(run_tests("configuration", "Asks the server about configuration files.",
                       [*tests_of_files(), *tests_of(sys.modules[__name__])], side_by_side=4))
