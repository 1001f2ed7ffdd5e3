"""Every exception that Gatewise raises on purpose. All derive from ``GatewiseError``.

A message says what is wrong, where, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable


class GatewiseError(Exception):
    """Base of all errors that Gatewise raises on purpose."""


class CellError(GatewiseError):
    """The equations of a cell are malformed. Quotes the equation and names the fix."""


class ProgramError(GatewiseError):
    """A Program breaks a rule of the language (also: damaged or hostile JSON)."""


class SizeError(GatewiseError, ValueError):
    """Sizes do not fit: not divisible, below one, missing or unknown."""


class InputError(GatewiseError, ValueError):
    """An array given by the caller has a wrong shape, type or value."""


class OptionError(InputError):
    """An option has a value out of range; at the command line this is wrong usage."""


class TrainingError(GatewiseError):
    """Training has gone wrong: a loss or a gradient is no longer a number. Says where it began."""


class InputWarning(UserWarning):
    """Something given by the caller is possible, and probably not meant."""


class BackendError(GatewiseError, RuntimeError):
    """A backend is not available here, or cannot do what was asked of it."""


def some_of(texts: Iterable[str], most: int) -> str:
    """``a, b and 3 more``: the first ``most`` of some texts, and how many others there are."""
    listed = list(texts)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def nearest(name: str, known: list[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the known name nearest to ``name``, or nothing."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {close[0]!r}?" if close else ""
