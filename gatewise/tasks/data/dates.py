"""Dates as people write them, turned into ISO 8601 where all of a column can only mean one thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from gatewise.errors import InputError
from gatewise.tasks.data.month_names import is_month, language_of, names_in, with_numbers
from gatewise.tasks.data.periods import PERIODS, first_of_week, full_years, period
from gatewise.tasks.data.ranges import beginning

_CLOCK = (
    r"(?:(?:[ t,]+|:)(?P<h>\d{1,2})(?:[:h](?P<m>\d\d)(?::(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?P<zone> ?(?:z|utc|gmt|[+-]\d\d:?\d\d))?)?"
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
_NO_YEAR = re.compile(
    r"[., ]*(?:<\d+>|\d{1,2}[ .,/-]*<\d+>|<\d+>[ .,/-]*\d{1,2}|\d{1,2}[./-]\d{1,2}\.?)"
)
_TOTAL = re.compile(
    r"[\W\d]*(?:grand |sub-?|gesamt|zwischen)?(?:total\w*|sum|summe|gesamt\w*|insgesamt|somme|suma|soma|totaal|som|"
    r"celkem|spolu|razem|ogółem|összesen|summa|i alt|yhteensä|toplam|ukupno|σύνολο|итого|всего|разом|average|"
    r"avg|mean|mittelwert|durchschnitt|moyenne|promedio|media|średnia)\b.*",
    re.IGNORECASE,
)
_WORD_AND_DIGIT = re.compile(r"(?=.*\d)")
IN_ORDER = 20  # rows whose order says how dates were written, at least
HOW = "Write dates as 2024-01-31, 2024-01-31 13:00 or 2024-01-31T13:00+01:00"


@dataclass(frozen=True)
class IsoDates:
    """A column of dates: in ISO 8601, and how they were read, in a sentence."""

    texts: list[str]
    note: str


Matches = list[re.Match[str]]


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
    lower = text.casefold().strip()
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
    out = []
    for k, text in enumerate(texts):
        try:
            out.append(datetime.strptime(text, pattern).isoformat(sep=" "))
        except ValueError:
            raise InputError(
                f"column {column!r}, row {k + 1}: {text!r} is not written as {pattern!r} (--date-format)"
            ) from None
    return IsoDates(out, f"{texts[0]} is read as {out[0].removesuffix(' 00:00:00')}")


def no_date(column: str, row: int, text: str, like: str = "") -> str:
    """What to say of a cell that is no date; ``like`` is one that is."""
    if text == column:
        return (
            f"column {column!r}, row {row}: the row repeats the names of the columns: take it out"
        )
    if is_total(text):
        return (
            f"column {column!r}, row {row}: {text!r} is not a date, and looks like the row of a total: "
            "take it out"
        )
    if _NO_YEAR.fullmatch(with_numbers(text, language_of([text], column))):
        return f"column {column!r}, row {row}: {text!r} has no year. {HOW}"
    if like:
        return (
            f"column {column!r}, row {row}: {text!r} is not a date, or is written otherwise than {like!r}. "
            f"{HOW}"
        )
    return f"column {column!r}, row {row}: {text!r} is not a date. {HOW}"


def is_total(text: str) -> bool:
    """Whether a text stands for a total or a mean of rows."""
    return _TOTAL.fullmatch(text) is not None


# --- one reader for each way of writing -----------------------------------------------------------


def _numbers(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates | None:
    short = any(len(f["y"]) == 2 for f in matches)
    if order is not None:
        if order not in _ORDERS or (order == "ymd" and not short):
            raise InputError(
                f"column {column!r}: {texts[0]!r} does not begin with the year (--date-format {order})"
            )
        return _read_in_order(matches, texts, order)
    orders = {n: _parts(matches, n) for n in _ORDERS if n != "ymd" or short}
    possible = {n: parts for n, parts in orders.items() if all(_in_calendar(*p) for p in parts)}
    if len(possible) == 1 and (mended := _swapped(next(iter(possible.values())))):
        out = [_iso(f, *p) for f, p in zip(matches, mended, strict=True)]
        k = next(k for k, (_, month, day) in enumerate(mended) if max(month, day) > 12)
        return IsoDates(
            out,
            f"days and months have changed places where both are below 13, as Excel does it: only so do the rows "
            f"follow each other ({texts[0]} is read as {out[0]}, {texts[k]} as {out[k]})",
        )
    if not possible:  # a date that is not in the calendar is said with its row
        first = max(int(f["a"]) for f in matches)
        dots = matches[0]["mark"] == "."
        return _read_in_order(matches, texts, "dmy" if dots or first > 12 else "mdy")
    if matches[0]["mark"] == "." and "dmy" in possible:
        return _read_in_order(matches, texts, "dmy")
    if len(possible) > 1 and "ymd" in possible:
        # only years that do not jump back and forth are years
        steady = {name: parts for name, parts in possible.items() if _runs_one_way(parts)}
        possible = steady or possible
    if len(possible) > 1:
        a, b, *_ = possible
        readings = [
            [_iso(m, *p) for m, p in zip(matches, possible[n], strict=True)] for n in (a, b)
        ]
        # 01/01/2024 is the same day in both
        telling = (k for k, (x, y) in enumerate(zip(*readings, strict=True)) if x != y)
        row = next(telling, 0)
        shown = [reading[row] for reading in readings]
        raise InputError(
            f"column {column!r}: dates such as {texts[row]!r} do not say which is the day and which the "
            f"month: {shown[0]} or {shown[1]}? Say it with --date-format {a} or --date-format {b}, or "
            "write 2024-01-31"
        )
    return _read_in_order(matches, texts, next(iter(possible)))


# year, month, day
Parts = tuple[int, int, int]


def _swapped(parts: Sequence[Parts]) -> list[Parts]:
    """Dates with day and month exchanged where both can be either, if rows are in order only then; else none."""
    swapped = [(y, d, m) if d <= 12 else (y, m, d) for y, m, d in parts]
    if len(parts) < IN_ORDER or _in_order(parts) or not _in_order(swapped):
        return []
    return swapped


def _in_order(parts: Sequence[Parts]) -> bool:
    return list(parts) in (sorted(parts), sorted(parts, reverse=True))


def _runs_one_way(parts: Sequence[Parts]) -> bool:
    """Whether the years of the dates only rise or only fall."""
    years = [year for year, _, _ in parts]
    return years in (sorted(years), sorted(years)[::-1])


# the groups of year, month and day
_ORDERS = {"dmy": ("y", "b", "a"), "mdy": ("y", "a", "b"), "ymd": ("a", "b", "y")}
_WORDS_OF = {"d": "day", "m": "month", "y": "year"}


def _parts(matches: Matches, order: str) -> list[Parts]:
    year, month, day = _ORDERS[order]
    years = full_years([f[year] for f in matches])
    return [(y, int(f[month]), int(f[day])) for y, f in zip(years, matches, strict=True)]


def _read_in_order(matches: Matches, texts: list[str], order: str) -> IsoDates:
    said = ", ".join(_WORDS_OF[letter] for letter in order)
    out = [_iso(f, *p) for f, p in zip(matches, _parts(matches, order), strict=True)]
    return IsoDates(out, f"{texts[0]} is read as {said}")


def _year_first(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    out = [_iso(f, int(f["y"]), int(f["b"]), int(f["a"])) for f in matches]
    return IsoDates(out, f"{texts[0]} is read as year, month, day")


def _month(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    if len(matches) > 2 and all(_is_next(f) for f in matches):  # 2009/10, 2010/11, 2011/12
        out = [f"{f['y']}-01-01" for f in matches]
        return IsoDates(out, f"{texts[0]} is read as the year {matches[0]['y']}")
    if any(int(f["b"]) > 12 for f in matches):
        out = [
            first_of_week(int(f["y"]), int(f["b"]), texts[k], column, k + 1)
            for k, f in enumerate(matches)
        ]
        return IsoDates(out, f"{texts[0]} is read as the Monday of the ISO week ({out[0]})")
    out = [f"{f['y']}-{int(f['b']):02}" for f in matches]
    return IsoDates(out, f"{texts[0]} is read as the month {out[0]}")


def _day_of_year(
    matches: Matches, texts: list[str], column: str, order: str | None
) -> IsoDates | None:
    days = [date(int(f["y"]), 1, 1) + timedelta(days=int(f["n"]) - 1) for f in matches]
    for k, (day, match) in enumerate(zip(days, matches, strict=True)):
        if day.year != int(match["y"]):
            raise InputError(no_date(column, k + 1, texts[k]))
    out = [day.isoformat() for day in days]
    return IsoDates(out, f"{texts[0]} is read as the day of the year ({out[0]})")


def _is_next(match: re.Match[str]) -> bool:
    """Whether two digits behind a year are those of the year after it."""
    return match.start("y") == 0 and int(match["b"]) == (int(match["y"]) + 1) % 100


def _words(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    short = [len(f["y"].lstrip("'")) == 2 and f["y"][0] != "'" for f in matches]
    days = [f["a"] or f.groupdict().get("c") for f in matches]
    if all(short) and not any(days) and len(matches) > 2:
        same = sum(a["b"] == b["b"] for a, b in pairwise(matches))
        if 2 * same > len(matches):  # Jan 1, Jan 2, ...: the numbers are days
            raise InputError(no_date(column, 1, texts[0]))
    years = full_years([f["y"] for f in matches])
    out = [
        _iso(f, year, int(f["b"]), int(day or 1))
        for f, year, day in zip(matches, years, days, strict=True)
    ]
    return IsoDates(out, f"{texts[0]} is read as {out[0]}")


def _periods(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    read = period(matches, texts, column)
    return IsoDates(read.texts, read.note)


_READERS: tuple[tuple[re.Pattern[str], Callable[..., IsoDates | None]], ...] = (
    (_NUMBERS, _numbers),
    (_YEAR_FIRST, _year_first),
    (_MONTH_YEAR, _month),
    (_YEAR_MONTH, _month),
    (_DAY_OF_YEAR, _day_of_year),
    (_WORDS, _words),
    (_WORDS_YEAR_FIRST, _words),
    *((pattern, _periods) for pattern in PERIODS),
)


def _in_calendar(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _iso(match: re.Match[str], year: int, month: int, day: int) -> str:
    text = f"{year:04}-{month:02}-{day:02}"
    if match["h"] is None:
        return text
    hour = int(match["h"])
    if match["half"]:
        hour = hour % 12 + 12 * (match["half"] == "p")
    elif match["m"] is None:
        return f"{text} {hour}"  # an hour alone is no time of day: refused with its row
    if hour == 24 and not any(int(match[part] or 0) for part in ("m", "s", "f")):
        try:
            following = date(year, month, day) + timedelta(days=1)
        except (ValueError, OverflowError):  # no day of the calendar: refused with its row
            return f"{text} 24:00"
        text, hour = following.isoformat(), 0
    fraction = f".{match['f'][:6]:0<6}" if match["f"] else ""
    zone = (match["zone"] or "").strip()
    zone = "+00:00" if zone in ("z", "utc", "gmt") else zone
    return f"{text} {hour:02}:{match['m'] or '00'}:{match['s'] or '00'}{fraction}{zone}"
