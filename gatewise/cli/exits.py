"""Exit codes, and messages on stderr."""

from __future__ import annotations

import sys

DONE, FAILED, USAGE, PIPE, INTERRUPTED = 0, 1, 2, 141, 130


def say(text: str) -> None:
    """Print a message to stderr, as stdout is for results."""
    print(text, file=sys.stderr)
