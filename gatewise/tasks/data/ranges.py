"""Stretches of time as people write them ("01.01.2024 00:00 - 01:00", "Jan-Mar 2024"): each stands for its beginning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatewise.errors import InputError
from gatewise.tasks.data.month_names import is_month

_BETWEEN = r"(?:\s(?:-|to|bis|until|till|au|al?|tot|do|til)\s|\s?[–—]\s?|/(?=\d{4}-))"
_RANGE = re.compile(
    rf"(?P<first>[^–—]*\d[^–—]*?){_BETWEEN}(?P<last>(?=.*[:. /-]).*\d.*)", re.IGNORECASE
)
_MONTHS = re.compile(
    r"(?P<first>[^\W\d_]{3,12}\.?)\s?[-–/]\s?(?P<last>[^\W\d_]{3,12})\.?(?P<year>[ -]'?\d{2,4})"
)


def beginning(text: str) -> str:
    """Where a stretch of time begins; "" of what is none."""
    if match := _RANGE.fullmatch(text.strip()):
        return match["first"].strip()
    match = _MONTHS.fullmatch(text.strip())
    if match and is_month(match["first"]) and is_month(match["last"]):
        return match["first"] + match["year"]
    return ""


def beginnings(texts: Sequence[str], column: str) -> list[str] | None:
    """Where each stretch of a column begins; None if the first is none.

    Raises InputError, with the row, for another that is none.
    """
    if not beginning(texts[0]):
        return None
    starts = [beginning(t) for t in texts]
    if "" in starts:
        row = starts.index("") + 1
        raise InputError(
            f"column {column!r}, row {row}: {texts[row - 1]!r} is no stretch of time as {texts[0]!r} is"
        )
    return starts
