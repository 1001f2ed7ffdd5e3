"""Dates as people write them, turned into ISO 8601 where all of a column can only mean one thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatewise.errors import InputError

_CLOCK = r"(?:[ T](?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
_NUMBERS = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<mark>[./-])(?P<b>\d{{1,2}})(?P=mark)(?P<y>\d{{4}}){_CLOCK}"
)
_YEAR_FIRST = re.compile(rf"(?P<y>\d{{4}})[/.](?P<b>\d{{1,2}})[/.](?P<a>\d{{1,2}}){_CLOCK}")
_QUARTER = re.compile(r"(?P<y>\d{4})[- ]?[Qq](?P<q>[1-4])")
_WORDS = re.compile(
    rf"(?:(?P<a>\d{{1,2}})[ .-]+)?(?P<name>[A-Za-z]{{3,9}})\.?[ -](?:(?P<c>\d{{1,2}}),? )?(?P<y>\d{{4}}){_CLOCK}"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def written_otherwise(text: str) -> bool:
    """Whether a text looks like a date that is not ISO 8601."""
    match = _WORDS.fullmatch(text)
    named = match is not None and match["name"][:3].lower() in _MONTHS
    return named or any(p.fullmatch(text) for p in (_NUMBERS, _YEAR_FIRST, _QUARTER))


def iso(texts: Sequence[str], column: str) -> tuple[list[str], str] | None:
    """Dates as ISO 8601, and how they were read, in a sentence; None if they are not all dates.

    Raises InputError if days and months cannot be told apart.
    """
    for pattern, made in ((_NUMBERS, _numbers), (_YEAR_FIRST, _year_first), (_QUARTER, _quarters), (_WORDS, _words)):  # fmt: skip
        found = [pattern.fullmatch(t) for t in texts]
        whole = [f for f in found if f is not None]
        if len(whole) == len(found):
            return made(whole, column)
    return None


Matches = Sequence[re.Match[str]]


def _numbers(found: Matches, column: str) -> tuple[list[str], str]:
    first, second = (max(int(f[n]) for f in found) for n in "ab")
    text = found[0][0]
    dots = found[0]["mark"] == "."
    if not dots and first <= 12 and second <= 12:
        raise InputError(
            f"column {column!r}: dates such as {text!r} do not say which is the day and which the "
            "month: write 2024-01-31"
        )
    if dots or first > 12:
        return [_joined(f, f["b"], f["a"]) for f in found], f"{text} is read as day, month, year"
    return [_joined(f, f["a"], f["b"]) for f in found], f"{text} is read as month, day, year"


def _year_first(found: Matches, _: str) -> tuple[list[str], str]:
    return [_joined(f, f["b"], f["a"]) for f in found], f"{found[0][0]} is read as year, month, day"


def _quarters(found: Matches, _: str) -> tuple[list[str], str]:
    return (
        [f"{f['y']}-{3 * int(f['q']) - 2:02}-01" for f in found],
        f"{found[0][0]} is read as the first day of the quarter",
    )


def _words(found: Matches, column: str) -> tuple[list[str], str] | None:
    names = [f["name"][:3].lower() for f in found]
    if any(n not in _MONTHS for n in names):
        return None
    out = [
        _joined(f, str(_MONTHS.index(n) + 1), f["a"] or f["c"] or "1")
        for f, n in zip(found, names, strict=True)
    ]
    return out, f"{found[0][0]} is read as {out[0]}"


def _joined(found: re.Match[str], month: str, day: str) -> str:
    date = f"{found['y']}-{int(month):02}-{int(day):02}"
    if found["h"] is None:
        return date
    hour = int(found["h"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    return f"{date} {hour:02}:{found['m']}:{found['s'] or '00'}"
