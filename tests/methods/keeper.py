#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# A program for auth.external, for tests. Several run at once, so accounts are files beside it; the password "end" ends it.
import sys
from pathlib import Path

ACCOUNTS = Path(sys.argv[0]).parent / "accounts"
ACCOUNTS.mkdir(exist_ok=True)
(ACCOUNTS / "alice@localhost").write_text("with:colons:", encoding="utf-8")


def answer(what, user, server, password=""):
    file = ACCOUNTS / f"{user}@{server}"
    known = file.exists()
    if what == "auth":
        return known and file.read_text(encoding="utf-8") == password
    if what == "removeuser" and known:
        file.unlink()
    if (what == "setpass" and known) or (what == "tryregister" and not known):
        file.write_text(password, encoding="utf-8")
    return known != (what == "tryregister")


while head := sys.stdin.buffer.read(2):
    request = sys.stdin.buffer.read(int.from_bytes(head, "big")).decode().split(":", 3)
    if request[-1] == "end":
        sys.exit(1)
    sys.stdout.buffer.write(b"\0\2\0" + bytes([answer(*request)]))
    sys.stdout.buffer.flush()
