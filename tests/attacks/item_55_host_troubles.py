# SPDX-License-Identifier: Apache-2.0
# Item 55: the machine lets the server down: killed under load, disk full, database read-only or locked by somebody else,
# no descriptors left, a clock that jumps. What is told is clear, said once per change, and all recovers by itself. What
# joins later: DNS and outside databases.
import contextlib
import ctypes
import io
import os
import resource
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kit import MB, ROOT, Problem, Refused, eventually, expect
from xmpptest.server import DidNotStart, Server

OPENS_BY_ITSELF = True
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
NEW_MOUNTS, PRIVATE, RECURSIVE = 0x20000, 1 << 18, 1 << 14


def attack(house):
    left_out = []
    for part in killed_under_load, disk_full, read_only_at_start, database_locked, no_descriptors, clock_jumps:
        reason = part(house)
        if reason:
            left_out.append(reason)
        finish(house)
    house.skipped = "; ".join(left_out) or None


def finish(house):
    if house.watch:
        house.end_watch()
    house.leave()
    house.guests.clear()
    if house.server and house.server.process and house.server.process.poll() is None:
        problem = house.server.stop()
        expect(not problem, f"it ends well: {problem}")


def try_to_register(house):
    """The condition of the refusal, or "done"."""
    client = house.stranger(opened=True)
    try:
        client.register(*house.server.new_account("late"))
        return "done"
    except (Refused, Problem) as problem:
        return getattr(problem, "condition", str(problem))
    finally:
        client.drop()


def killed_under_load(house):
    """Acknowledged means kept: a few rounds of tests/durability/accounts.py."""
    sys.path.insert(0, str(ROOT / "tests/durability"))
    from accounts import Trial
    trial, said = Trial(house.binary, 55), io.StringIO()
    with contextlib.redirect_stdout(said):
        trial.run(20 if house.hard else 2)
    expect(trial.failed == 0, f"kill -9: {said.getvalue()}")


def small_disk(size):
    """A file system of this size on a directory that nobody else sees; the reason when that is not permitted here."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(NEW_MOUNTS) != 0:
        return None, "disk full and read-only (mounting needs root)"
    libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None)
    directory = tempfile.mkdtemp(prefix="meerkat-small-")
    if libc.mount(b"tmpfs", directory.encode(), b"tmpfs", 0, f"size={size}".encode()) != 0:
        os.rmdir(directory)
        return None, "disk full and read-only (mounting is not permitted here)"
    return directory, None


def once(house, what):
    lines = house.logged(what)
    expect(len(lines) == 1, f"{what} is said {len(lines)} times: {lines[:3]}")


def disk_full(house):
    directory, reason = small_disk(3 * MB)
    if reason:
        return reason
    log = Path(directory).with_suffix(".log")  # not on the disk that is full
    server = house.open(directory=directory, log=log)
    known = house.account("known")
    house.begin_watch()
    filler = os.path.join(directory, "filler")
    fill(filler)
    refusals = [try_to_register(house) for _ in range(30)]
    refused = [heard for heard in refusals if heard != "done"]
    expect(refused, "no disk is full")
    expect(set(refused) <= {"internal-server-error", "resource-constraint"}, f"a full disk is told as {set(refused)}")
    member = house.member(known)  # what is only read still works
    expect(member.is_alive(), "sessions go on")
    once(house, "database_unavailable")
    os.unlink(filler)
    expect(eventually(lambda: try_to_register(house) == "done"), "with room again, registrations are taken again")
    once(house, "database_available")
    not_flooded(house, 10)
    house.expected_log |= {"database_unavailable"}
    finish(house)
    log.unlink()
    subprocess.run(["umount", "-l", directory], check=False)
    house.server = None


def fill(filler):
    with open(filler, "wb", buffering=0) as file:
        for size in 65536, 4096, 1:
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def not_flooded(house, most):
    loud = [line for line in house.log_lines() if "level=error" in line or "level=warning" in line]
    expect(len(loud) <= most, f"one trouble filled the log with {len(loud)} lines, such as {loud[-1]}")


def read_only_at_start(house):
    directory, reason = small_disk(8 * MB)
    if reason:
        return None  # said already
    os.mkdir(os.path.join(directory, "data"))
    template = ROOT / "tests/attacks/configs/open.toml"
    server = Server(house.binary, template, directory=directory)
    server.log = Path(directory).with_suffix(".log")
    server.start()
    problem = server.stop()
    expect(not problem, f"it ends well: {problem}")
    subprocess.run(["mount", "--bind", f"{directory}/data", f"{directory}/data"], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", f"{directory}/data"], check=True)
    try:
        server.start()
        expect(False, "a server with a read-only store starts")
    except DidNotStart as refusal:
        told = str(refusal)
        expect("Read-only file system" in told and "data" in told, f"the refusal names directory and reason: {told}")
    finally:
        server.log.unlink()
        subprocess.run(["umount", f"{directory}/data"], check=False)
        subprocess.run(["umount", "-l", directory], check=False)


def database_locked(house):
    """Somebody, a backup perhaps, holds the write lock of the database for a while."""
    server = house.open()
    known = house.account("known")
    house.begin_watch()
    path = next(path for path in (server.directory / "data").rglob("*")
                if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3")
    other = sqlite3.connect(path, isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    heard = try_to_register(house)
    took = time.monotonic() - began
    expect(heard in ("internal-server-error", "resource-constraint", "done"), f"a locked database is told as {heard}")
    expect(took < 15 * house.slowness, f"it is told after {took:.1f} s")
    expect(house.member(known).is_alive(), "who is known logs in meanwhile")
    other.execute("ROLLBACK")
    other.close()
    expect(eventually(lambda: try_to_register(house) == "done"), "unlocked, it takes registrations again")
    house.expected_log |= {"database_unavailable"}
    not_flooded(house, 4)


def no_descriptors(house):
    server = house.open()
    house.begin_watch()
    member = house.member()
    pid, before = server.process.pid, resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    for _ in range(2):
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (house.descriptors() + 20, before[1]))
        before_them = len(house.logged("no_descriptors_left"))
        crowd = [socket.create_connection(server.address, timeout=10) for _ in range(60)]
        expect(eventually(lambda: len(house.logged("no_descriptors_left")) > before_them), "it tells of its distress")
        expect(member.is_alive(), "who is in stays in")
        expect(house.cpu_share(0.5) < 0.5, "waiting for a descriptor costs no processor")
        for one in crowd:
            one.close()
        expect(eventually(lambda: house.stranger(opened=True)), "then newcomers are served again")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        expect(eventually(lambda: len(house.logged("descriptors_available")) == len(house.logged("no_descriptors_left"))),
               "the log says that it is over as often as it said that it began")
    said, workers = len(house.logged("no_descriptors_left")), len(os.sched_getaffinity(0))
    expect(1 <= said <= 2 * workers, f"the log says it once per change and worker, not {said} times")
    house.expected_log |= {"no_descriptors_left"}


def time_told(member):
    answer = member.ask("get", "<time xmlns='urn:xmpp:time'/>", "localhost")
    return answer.child("time").child("utc").text


def end_of(client, began):
    """How its stream ends, and in which time."""
    return client.verdict(), time.monotonic() - began


def clock_jumps(house):
    if not os.path.exists(FAKETIME):
        return "clock jumps (faketime is not installed)"
    if house.sanitized:
        return "clock jumps (faketime and sanitizers do not go together)"
    stamp = house.binary.parent / f"faketime.{os.getpid()}"
    stamp.write_text("+0\n", encoding="ascii")
    fake = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(stamp), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    os.environ.update(fake)
    try:
        house.open("hasty")
    finally:
        for name in fake:
            del os.environ[name]
    silent = ThreadPoolExecutor()
    try:
        house.begin_watch()
        member, waiting = house.member(), []
        for jump in "+400d", "-400d", "-20000d", "+20000d", "+0":
            before = time_told(member)
            stamp.write_text(jump + "\n", encoding="ascii")
            told = time_told(member)
            expect(jump == "+0" or told[:4] != before[:4], f"the clock jumped by {jump}, and the server says {told}")
            expect(member.is_alive(), f"a session outlives a jump of {jump}")
            expect(house.member().is_alive(), f"newcomers are served after a jump of {jump}")
            secured = house.stranger(secured=True)
            expect(secured.features, "TLS works")
            began = time.monotonic()
            waiting.append(silent.submit(end_of, house.stranger(opened=True), began))
        for end, took in (each.result() for each in waiting):
            expect(end == "connection-timeout", f"those who are silent are ended: {end}")
            expect(0.9 < took < 15, f"after {took:.1f} s, in their own time, not in that of the clock on the wall")
        house.expected_log |= {"certificate_expired"}  # so it was, in the far future
    finally:
        finish(house)
        silent.shutdown()
        stamp.unlink()
