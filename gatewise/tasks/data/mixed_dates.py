"""Columns in which some dates are dates and others texts, as sheets have them."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.errors import InputError
from gatewise.tasks.data.date_readers import IsoDates
from gatewise.tasks.data.dates import is_iso, iso, written_otherwise

_DAY = 10  # letters of a day in ISO 8601


def read_mixed(texts: Sequence[str], column: str, order: str | None) -> IsoDates | None:
    """Dates of which some are in ISO 8601 and others written in one other way; None of any other column.

    Raises InputError for "13/01/2024" among them: where Excel takes days for months, the others are wrong dates.
    """
    stored = [len(t) >= _DAY and is_iso(t) for t in texts]
    others = [t for t, is_stored in zip(texts, stored, strict=True) if not is_stored]
    if not others or len(others) == len(texts) or not all(map(written_otherwise, others)):
        return None
    if any("/" in t for t in others) and order is None:
        row = texts.index(others[0]) + 1
        raise InputError(
            f"column {column!r}, row {row}: {others[0]!r} is a text, and other rows are dates. Where Excel could not "
            "read 13/01/2024 as a date it has taken days for months in other rows: type them anew, or say how "
            "texts are written with --date-format dmy or --date-format mdy"
        )
    read = iso(others, column, order)
    if read is None:
        return None
    converted = iter(read.texts)
    iso_texts = [
        t if is_stored else next(converted) for t, is_stored in zip(texts, stored, strict=True)
    ]
    return IsoDates(iso_texts, f"{len(others)} of the dates are texts: {read.note}")
