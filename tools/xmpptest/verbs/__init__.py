# SPDX-License-Identifier: Apache-2.0
# All verbs of the dialogues: functions of (play, actor, what the expression captured).
from . import befriending, connecting, flooding, hearing, leaving, logging_in, resuming, speaking  # noqa: F401
from .verb import VERBS, unescape  # noqa: F401
