"""What a run says: printed as it comes, and kept for its text file."""

from __future__ import annotations

_lines: list[str] = []


def say(line: str) -> None:
    """Print a line and keep it."""
    print(line, flush=True)
    _lines.append(line)


def told() -> str:
    """Everything that was said."""
    return "\n".join(_lines) + "\n"
