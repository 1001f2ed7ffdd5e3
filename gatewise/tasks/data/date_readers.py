"""Dates in ISO 8601 from the parts of a pattern: one reader for each way of writing, and what is said of no date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from gatewise.errors import InputError
from gatewise.tasks.data.month_names import language_of, with_numbers
from gatewise.tasks.data.periods import first_of_week, full_years, period

_NO_YEAR = re.compile(
    r"[., ]*(?:<\d+>|\d{1,2}[ .,/-]*<\d+>|<\d+>[ .,/-]*\d{1,2}|\d{1,2}[./-]\d{1,2}\.?)"
)
_DAY_AND_MONTH = re.compile(r"[., ]*(?:\d{1,2}[ .,/-]*<\d+>|<\d+>[ .,/-]*\d{1,2})\.?")
_TOTAL = re.compile(
    r"[\W\d]*(?:grand |sub-?|gesamt|zwischen)?(?:total\w*|sum|summe|gesamt\w*|insgesamt|somme|suma|soma|totaal|som|"
    r"celkem|spolu|razem|ogółem|összesen|summa|i alt|yhteensä|toplam|ukupno|σύνολο|итого|всего|разом|average|"
    r"avg|mean|mittelwert|durchschnitt|moyenne|promedio|media|średnia)\b.*",
    re.IGNORECASE,
)
# zones that names in texts stand for, and their distance from UTC. IST and others have several
ZONES = {
    "z": "+00:00",
    "utc": "+00:00",
    "gmt": "+00:00",
    "wet": "+00:00",
    "west": "+01:00",
    "bst": "+01:00",
    "cet": "+01:00",
    "cest": "+02:00",
    "mez": "+01:00",
    "mesz": "+02:00",
    "eet": "+02:00",
    "eest": "+03:00",
    "msk": "+03:00",
    "jst": "+09:00",
    "est": "-05:00",
    "edt": "-04:00",
    "cst": "-06:00",
    "cdt": "-05:00",
    "mst": "-07:00",
    "mdt": "-06:00",
    "pst": "-08:00",
    "pdt": "-07:00",
}
IN_ORDER = 20  # rows whose order says how dates were written, at least
HOW = "Write dates as 2024-01-31, 2024-01-31 13:00 or 2024-01-31T13:00+01:00"


@dataclass(frozen=True)
class IsoDates:
    """A column of dates: in ISO 8601, and how they were read, in a sentence."""

    texts: list[str]
    note: str


Matches = list[re.Match[str]]


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


def lacks_year(text: str) -> bool:
    """Whether a text is a day and the name of a month, and no year."""
    if not any(map(str.isdigit, text)) or len(text) > 30:
        return False
    try:
        return _DAY_AND_MONTH.fullmatch(with_numbers(text, language_of([text], ""))) is not None
    except InputError:  # a name that means two months
        return False


def is_total(text: str) -> bool:
    """Whether a text stands for a total or a mean of rows."""
    return _TOTAL.fullmatch(text) is not None


def read_numbers(
    matches: Matches, texts: list[str], column: str, order: str | None
) -> IsoDates | None:
    """31.01.2024, 1/31/2024. Raises InputError where days and months cannot be told apart."""
    short = any(len(f["y"]) == 2 for f in matches)
    if order is not None:
        if order not in _ORDERS or (order == "ymd" and not short):
            raise InputError(
                f"column {column!r}: {texts[0]!r} does not begin with the year (--date-format {order})"
            )
        return _read_in_order(matches, texts, order)
    orders = {n: _parts(matches, n) for n in _ORDERS if n != "ymd" or short}
    possible = {n: parts for n, parts in orders.items() if all(_in_calendar(*p) for p in parts)}
    if len(possible) == 1 and (corrected := _swapped(next(iter(possible.values())))):
        iso_texts = [_iso(f, *p) for f, p in zip(matches, corrected, strict=True)]
        k = next(k for k, (_, month, day) in enumerate(corrected) if max(month, day) > 12)
        return IsoDates(
            iso_texts,
            f"days and months have changed places where both are below 13, as Excel does it: only so do the rows "
            f"follow each other ({texts[0]} is read as {iso_texts[0]}, {texts[k]} as {iso_texts[k]})",
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
    if len(possible) > 1 and matches[0]["h"] is not None:
        # hours that follow one another in one reading alone
        even = {name: parts for name, parts in possible.items() if _is_even(matches, parts)}
        possible = even if len(even) == 1 else possible
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


def _is_even(matches: Matches, parts: Sequence[Parts]) -> bool:
    """Whether dates with a time of day are as far apart each time, whatever the order of rows."""
    try:
        moments = {datetime.fromisoformat(_iso(f, *p)) for f, p in zip(matches, parts, strict=True)}
        gaps = {b - a for a, b in pairwise(sorted(moments))}
    except (ValueError, TypeError):  # a time that is none, or offsets in some rows only
        return False
    return len(gaps) == 1


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
    iso_texts = [_iso(f, *p) for f, p in zip(matches, _parts(matches, order), strict=True)]
    return IsoDates(iso_texts, f"{texts[0]} is read as {said}")


def read_year_first(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    """2024/01/31."""
    iso_texts = [_iso(f, int(f["y"]), int(f["b"]), int(f["a"])) for f in matches]
    return IsoDates(iso_texts, f"{texts[0]} is read as year, month, day")


def read_month(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    """01/2024 and 2024/01; a week where some numbers are above 12."""
    if len(matches) > 2 and all(_is_next(f) for f in matches):  # 2009/10, 2010/11, 2011/12
        iso_texts = [f"{f['y']}-01-01" for f in matches]
        return IsoDates(iso_texts, f"{texts[0]} is read as the year {matches[0]['y']}")
    if any(int(f["b"]) > 12 for f in matches):
        iso_texts = [
            first_of_week(int(f["y"]), int(f["b"]), texts[k], column, k + 1)
            for k, f in enumerate(matches)
        ]
        return IsoDates(
            iso_texts, f"{texts[0]} is read as the Monday of the ISO week ({iso_texts[0]})"
        )
    iso_texts = [f"{f['y']}-{int(f['b']):02}" for f in matches]
    return IsoDates(iso_texts, f"{texts[0]} is read as the month {iso_texts[0]}")


def read_day_of_year(
    matches: Matches, texts: list[str], column: str, order: str | None
) -> IsoDates | None:
    """2024-031. Raises InputError, with the row."""
    days = [date(int(f["y"]), 1, 1) + timedelta(days=int(f["n"]) - 1) for f in matches]
    for k, (day, match) in enumerate(zip(days, matches, strict=True)):
        if day.year != int(match["y"]):
            raise InputError(no_date(column, k + 1, texts[k]))
    iso_texts = [day.isoformat() for day in days]
    return IsoDates(iso_texts, f"{texts[0]} is read as the day of the year ({iso_texts[0]})")


def _is_next(match: re.Match[str]) -> bool:
    """Whether two digits behind a year are those of the year after it."""
    return match.start("y") == 0 and int(match["b"]) == (int(match["y"]) + 1) % 100


def read_words(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    """31 January 2024, Jan-24."""
    short = [len(f["y"].lstrip("'")) == 2 and f["y"][0] != "'" for f in matches]
    days = [f["a"] or f.groupdict().get("c") for f in matches]
    if all(short) and not any(days) and len(matches) > 2:
        same = sum(a["b"] == b["b"] for a, b in pairwise(matches))
        if 2 * same > len(matches):  # Jan 1, Jan 2, ...: the numbers are days
            raise InputError(no_date(column, 1, texts[0]))
    years = full_years([f["y"] for f in matches])
    iso_texts = [
        _iso(f, year, int(f["b"]), int(day or 1))
        for f, year, day in zip(matches, years, days, strict=True)
    ]
    return IsoDates(iso_texts, f"{texts[0]} is read as {iso_texts[0]}")


def read_periods(matches: Matches, texts: list[str], column: str, order: str | None) -> IsoDates:
    """Q1 2024, KW 5 2024, FY24."""
    read = period(matches, texts, column)
    return IsoDates(read.texts, read.note)


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
    zone = ZONES.get(zone, zone)
    return f"{text} {hour:02}:{match['m'] or '00'}:{match['s'] or '00'}{fraction}{zone}"
