# SPDX-License-Identifier: Apache-2.0
# How a function becomes a verb: the rest of a line that matches its expression is done by it.
import re

VERBS = []  # (expression, function); the first that matches is taken, so order matters within a file


def verb(expression):
    def mark(function):
        VERBS.append((re.compile(expression, re.DOTALL), function))
        return function
    return mark


def unescape(text):
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape")
