"""Dates as people write them, turned into ISO 8601 where all of a column can only mean one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime

from gatewise.errors import InputError
from gatewise.tasks.data.date_readers import (
    ZONES,
    IsoDates,
    Matches,
    no_date,
    read_day_of_year,
    read_month,
    read_numbers,
    read_periods,
    read_words,
    read_year_first,
)
from gatewise.tasks.data.month_names import is_month, language_of, names_in, with_numbers
from gatewise.tasks.data.periods import PERIODS
from gatewise.tasks.data.ranges import beginning

_CLOCK = (
    r"(?:(?:[ t,]+|:)(?P<h>\d{1,2})(?:[:h](?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    rf"(?: ?(?P<half>[ap])\.?m\.?)?(?P<zone> ?(?:{'|'.join(ZONES)}|[+-]\d\d:?\d\d))?)?"
)
# words before a date: week ending, week commencing, as of
_LED_BY = re.compile(
    r"(?:w/[ec]|w\.[ec]\.|w[ec]|week (?:ending|commencing|beginning|of)|as (?:of|at))[ :]+"
)
_GAP = r"[ .,/-]{0,3}"
_YEAR = r"(?P<y>\d{4}|'?\d\d)"
_NUMBERS = re.compile(
    rf"[, ]*(?P<a>\d{{1,2}})(?P<mark>[./-]) ?(?P<b>\d{{1,2}})(?P=mark) ?(?P<y>\d{{4}}|\d\d)\.?{_CLOCK}"
)
_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}})(?P<mark>[./ -]) ?(?P<b>\d{{1,2}})(?P=mark) ?(?P<a>\d{{1,2}})\.?{_CLOCK}"
)
_ERA = r"(?P<y>(?:1[89]|20|21)\d\d)"
# or week and year, and of some programs always three digits
_MONTH_YEAR = re.compile(rf"(?P<b>0{{0,2}}[1-9]|0?[1-4]\d|0?5[0-3])[./-]{_ERA}")
_DAY_OF_YEAR = re.compile(rf"{_ERA}-(?P<n>[0-3]\d\d)")
_YEAR_MONTH = re.compile(rf"{_ERA}(?:[./ ]m?|-?m|-(?=\d$))(?P<b>0?[1-9]|1[0-2])")
_EAST = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월](?:\s*(\d{1,2})\s*[日일])?")
_IN_NUMBERS = (_NUMBERS, _YEAR_FIRST, _MONTH_YEAR, _YEAR_MONTH, _DAY_OF_YEAR)
_WORDS = re.compile(
    rf"[., ]*(?:(?P<a>\d{{1,2}}){_GAP})?<(?P<b>\d+)>{_GAP}(?:(?P<c>\d{{1,2}})(?:, ?| )(?=\d))?{_YEAR}{_CLOCK}"
)
_WORDS_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}}){_GAP}<(?P<b>\d+)>(?:{_GAP}(?P<a>\d{{1,2}}))?\.?{_CLOCK}"
)
_WORD_AND_DIGIT = re.compile(r"(?=.*\d)")


def written_otherwise(text: str) -> bool:
    """Whether a text looks like a date that is not ISO 8601."""
    if _WORD_AND_DIGIT.match(text) is None or len(text) > 60 or is_iso(text):
        return False
    if start := beginning(text):
        return written_otherwise(start) or is_iso(start)
    lower = _in_west(text)
    if any(p.fullmatch(lower) for p in _IN_NUMBERS):
        return True
    if any(p.fullmatch(lower) for p in PERIODS):
        return True
    words = names_in(text)
    if not words:
        return False
    language = None
    if any(map(is_month, words)):
        try:
            language = language_of([text], "")
        except InputError:
            # a name that means two months: told apart by the whole column, or refused there
            return True
    normal = with_numbers(text, language)
    patterns = (_NUMBERS, _YEAR_FIRST, _WORDS, _WORDS_YEAR_FIRST, *PERIODS)
    return normal != lower and any(p.fullmatch(normal) for p in patterns)


def is_iso(text: str) -> bool:
    """Whether a text is a date in ISO 8601."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _in_west(text: str) -> str:
    """A text in small letters, with marks in the place of the words for year, month and day of East Asia."""
    lower = _LED_BY.sub("", text.casefold().strip(), count=1)
    if "年" not in lower and "년" not in lower:
        return lower
    return _EAST.sub(lambda m: "/".join(part for part in m.groups() if part), lower)


def iso(texts: Sequence[str], column: str, order: str | None = None) -> IsoDates | None:
    """Dates as ISO 8601; None if the first is none that is known.

    Args:
        order: of day, month and year ("dmy", "mdy", "ymd"), where a person says so.

    Raises InputError, with the row, for a date that is not written as the first is, and where days and
    months cannot be told apart.
    """
    normal = [_in_west(t) for t in texts]
    pattern = _shared_pattern(normal)
    if pattern is None or not all(map(pattern.fullmatch, normal)):
        language = language_of(texts, column)
        normal = [with_numbers(t, language) for t in normal]
        pattern = _shared_pattern(normal)
    if pattern is None:
        return None
    matches: Matches = []
    for k, text in enumerate(normal):
        match = pattern.fullmatch(text)
        if match is None:
            raise InputError(no_date(column, k + 1, texts[k], texts[0] if k else ""))
        matches.append(match)
    return dict(_READERS)[pattern](matches, list(texts), column, order)


def _shared_pattern(normal: Sequence[str]) -> re.Pattern[str] | None:
    """The pattern of the first text that most others have as well; None if it has none."""
    known = [p for p, _ in _READERS if p.fullmatch(normal[0])]
    sample = normal[:: max(1, len(normal) // 1000)]
    return max(known, key=lambda p: sum(map(bool, map(p.fullmatch, sample))), default=None)


def in_format(texts: Sequence[str], column: str, pattern: str) -> IsoDates:
    """Dates in a format of ``strptime``. Raises InputError, with the row, for one that is not in it."""
    iso_texts = []
    for k, text in enumerate(texts):
        try:
            iso_texts.append(datetime.strptime(text, pattern).isoformat(sep=" "))
        except ValueError:
            raise InputError(
                f"column {column!r}, row {k + 1}: {text!r} is not written as {pattern!r} (--date-format)"
            ) from None
    return IsoDates(iso_texts, f"{texts[0]} is read as {iso_texts[0].removesuffix(' 00:00:00')}")


_READERS: tuple[tuple[re.Pattern[str], Callable[..., IsoDates | None]], ...] = (
    (_NUMBERS, read_numbers),
    (_YEAR_FIRST, read_year_first),
    (_MONTH_YEAR, read_month),
    (_YEAR_MONTH, read_month),
    (_DAY_OF_YEAR, read_day_of_year),
    (_WORDS, read_words),
    (_WORDS_YEAR_FIRST, read_words),
    *((pattern, read_periods) for pattern in PERIODS),
)
