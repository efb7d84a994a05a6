# SPDX-License-Identifier: Apache-2.0
# Runs the tests of one kind, for ./dev test: one that fails does not keep the others from running, and the last line
# says how many passed.
import argparse
import contextlib
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, NamedTuple

from .server import default_binary, summary


class Failed(Exception):
    """What was expected is not so."""


class LeftOut(Exception):
    """Raised by a test that cannot be tried here, with the reason."""


def expect(holds, *about):
    if not holds:
        raise Failed(*about)


class Test(NamedTuple):
    sentence: str  # what is true when it passes
    perform: Callable  # is given what the stage brings

    def is_named_by(self, words):
        name = getattr(self.perform, "__name__", "")
        return not words or any(word in self.sentence or word in name for word in words)


def test(sentence):
    """Makes a function a test of its module; the sentence says what is true when it passes."""
    def mark(function):
        function.sentence = sentence
        return function
    return mark


def tests_of(*rooms):
    """The tests in these modules, in the order in which they are written."""
    forgotten = [name for room in rooms for name, each in vars(room).items()
                 if name.startswith("test_") and callable(each) and not hasattr(each, "sentence")]
    if forgotten:
        raise TypeError(f"without @test(…) nobody performs {', '.join(forgotten)}")
    return [Test(each.sentence, each) for room in rooms for each in vars(room).values()
            if hasattr(each, "sentence") and each.__module__ == room.__name__]


def run_tests(kind, about, tests, stage=contextlib.nullcontext, side_by_side=1):
    """Performs the tests that the command line names, or all; returns the status to exit with. `stage(binary)` is a
    context manager that brings what every test is given, the program itself if there is none. So many tests at a time
    as `side_by_side` says: those that wait more than they compute, and judge no times."""
    options = _options(about)
    chosen = [each for each in tests if each.is_named_by(options.words)]
    started, outcomes = time.monotonic(), []
    try:
        with stage((options.server or default_binary()).resolve()) as brought, _order(side_by_side) as order:
            outcomes += order(lambda each: _outcome(each, brought, options.verbose), chosen)
    except Exception:  # before or after the tests; they are counted all the same
        outcomes.append(_failure(f"{kind}: the stage is set before the tests and left in order after them"))
    return summary(kind, outcomes.count("passed"), outcomes.count("failed"), started)


def _options(about):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("words", nargs="*", help="only tests whose sentence or function has one of these")
    parser.add_argument("--server", type=Path, default=None, help="the program (default: the newest build)")
    parser.add_argument("--verbose", action="store_true", help="name the tests that pass, too, and how long they took")
    return parser.parse_args()


@contextlib.contextmanager
def _order(side_by_side):
    if side_by_side == 1:
        yield map  # in the main thread, where signals arrive
        return
    with ThreadPoolExecutor(side_by_side) as pool:
        yield pool.map


def _outcome(each, brought, verbose):
    began = time.monotonic()
    try:
        each.perform(brought)
    except LeftOut as reason:
        print(f"left out  {each.sentence}: {reason}", flush=True)
        return "left out"
    except Exception:  # whatever it is, the test has failed and the others are run
        return _failure(each.sentence)
    if verbose:
        print(f"ok      {each.sentence} ({time.monotonic() - began:.1f} s)", flush=True)
    return "passed"


def _failure(sentence):
    print(f"FAILED  {sentence}\n{traceback.format_exc()}", flush=True)
    return "failed"
