# SPDX-License-Identifier: Apache-2.0
# A network of its own for a service: a network namespace, reached by a pair of virtual devices, that can lose packets.
import contextlib
import ctypes
import os
import random
import shutil
import subprocess

from .service import NotHere

CLONE_NEWNET = 0x40000000
# What loses every packet without a word, whichever of it this kernel has: the other side looks as if it had vanished.
BLACK_HOLES = (("netem", "loss", "100%"), ("tbf", "rate", "8bit", "burst", "10b", "limit", "1"))


def enter(namespace):
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class OwnNetwork:
    """`here` is our address, `there` the one inside. Raises NotHere with the reason where there is no such thing."""

    def __init__(self):
        if os.geteuid() != 0:
            raise NotHere("a network namespace is made by root alone")
        if not shutil.which("ip") or not shutil.which("tc"):
            raise NotHere("ip and tc are not installed; the package iproute2 has them")
        number = random.randrange(1, 1 << 14)
        self.name = f"meerkat-{os.getpid()}-{number}"
        self.outer, self.inner = f"mk{number}a", f"mk{number}b"
        net = f"198.18.{number >> 6}.{(number & 63) * 4}".rpartition(".")  # RFC 2544: for trying networks, never routed
        self.here, self.there = (f"{net[0]}.{int(net[2]) + i}" for i in (1, 2))

    def __enter__(self):
        try:
            self.run("ip", "netns", "add", self.name)
            self.run("ip", "link", "add", self.outer, "type", "veth", "peer", "name", self.inner)
            self.run("ip", "link", "set", self.inner, "netns", self.name)
            self.run("ip", "address", "add", f"{self.here}/30", "dev", self.outer)
            self.run("ip", "link", "set", self.outer, "up")
            self.inside("ip", "address", "add", f"{self.there}/30", "dev", self.inner)
            for device in (self.inner, "lo"):
                self.inside("ip", "link", "set", device, "up")
            self.loses_packets()
            self.works()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    @contextlib.contextmanager
    def entered(self):
        """What this thread starts meanwhile is inside."""
        with open("/proc/thread-self/ns/net") as outside, open(f"/run/netns/{self.name}") as inside:
            enter(inside)
            try:
                yield
            finally:
                enter(outside)

    def loses_packets(self):
        """All of them, in both directions."""
        for words in BLACK_HOLES:
            with contextlib.suppress(NotHere):
                self.run("tc", "qdisc", "add", "dev", self.outer, "root", *words)
                self.inside("tc", "qdisc", "add", "dev", self.inner, "root", *words)
                return
        raise NotHere("the kernel has no way to lose packets: neither netem nor tbf")

    def works(self):
        self.run("tc", "qdisc", "del", "dev", self.outer, "root")
        self.inside("tc", "qdisc", "del", "dev", self.inner, "root")

    def inside(self, *words):
        self.run("ip", "netns", "exec", self.name, *words)

    @staticmethod
    def run(*words):
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode != 0:
            raise NotHere(f"{' '.join(words)}: {done.stderr.strip().splitlines()[-1:] or done.returncode}")

    def close(self):
        subprocess.run(["ip", "link", "delete", self.outer], capture_output=True)
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
