"""How the command ends, and how it talks."""

from __future__ import annotations

import sys

DONE, FAILED, USAGE, PIPE, INTERRUPTED = 0, 1, 2, 141, 130


def say(text: str) -> None:
    """Talk: to stderr, so that stdout holds results only."""
    print(text, file=sys.stderr)
