"""Years, quarters, half-years, months of a firm's year and ISO weeks as people write them: "FY24", "Q1 2024", "2. Halbjahr 2024", "KW 05/2024"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gatewise.errors import InputError

AHEAD = 20  # years from now that two digits may stand for at most
_GAP = r"[ .,/-]{0,3}"
_FISCAL = r"(?P<fiscal>fy|gj|cy)\.? ?"
_SHORT = rf"(?:{_FISCAL})?(?P<y>\d{{4}}|'?\d\d)"
_LONG = rf"(?:{_FISCAL})?(?P<y>\d{{4}})"
_NTH = r"(?:º|°|ª|\.|er|e|st|nd|rd|th)?"
_NAMES = {
    "quarter": (
        "q|qtr|quarter|quartal|t|trim|trimestre|trimester|kvartal|kvartál|kv|kwartał|kwartal|kwartaal|k|"
        "negyedév|čtvrtletí|štvrťrok|çeyrek|τρίμηνο|квартал|кв"
    ),
    "half": "h|hj|half|half-?year|halbjahr|s|sem|semestre|semester|semestr|halvår|halvår|pololetí|polrok|półrocze|félév",
    "week": (
        "w|wk|week|cw|kw|woche|kalenderwoche|s|sem|semaine|semana|settimana|sett|uge|uke|vecka|v|týden|týždeň|"
        "tydzień|viikko|vk|hét|hafta|εβδομάδα|неделя|тиждень"
    ),
}
_NAMES["month"] = "p|per|period|periode|período|periodo|période"  # of a firm's year
_WORDS = {
    word: k + 1
    for words in (
        "i ii iii iv",
        "first second third fourth",
        "erstes zweites drittes viertes",
        "premier deuxième troisième quatrième",
        "primer segundo tercer cuarto",
        "primo secondo terzo quarto",
    )
    for k, word in enumerate(words.split())
}
_HALVES = "|".join(word for word, number in _WORDS.items() if number < 3)
_COUNTS = {
    "quarter": "[1-4]|" + "|".join(_WORDS),
    "half": f"[12]|{_HALVES}",
    "week": r"\d{1,2}",
    "month": "[1-9]|1[0-2]",
}
MONTHS = {"quarter": 3, "half": 6, "month": 1}  # in each


def _patterns(kind: str) -> list[re.Pattern[str]]:
    name, number = f"(?P<{kind}>{_NAMES[kind]})", f"(?P<n>{_COUNTS[kind]})"
    return [
        re.compile(rf"{_LONG}{_GAP}{name}{_GAP}0?{number}\.?"),
        re.compile(rf"{_LONG}{_GAP}{number}{_GAP}{name}\.?"),
        re.compile(rf"{_FISCAL}(?P<y>\d\d){_GAP}{name}{_GAP}0?{number}\.?"),
        re.compile(rf"{name}{_GAP}0?{number}{_GAP}{_SHORT}"),
        re.compile(rf"{number}{_NTH}{_GAP}{name}{_GAP}{_SHORT}"),
    ]


_YEARS = (
    re.compile(rf"(?P<year>){_FISCAL}(?P<y>\d{{4}}|'?\d\d)(?: ?[/-] ?(?P<next>\d{{4}}|\d\d))?"),
    re.compile(
        r"(?P<year>)(?P<y>(?:1[89]|20|21)\d\d)(?: ?[/–] ?(?P<next>(?:1[89]|20|21)\d\d|\d\d)"
        r"| ?- ?(?P<later>(?:1[89]|20|21)\d\d))"
    ),
)
PERIODS = (*(p for kind in _NAMES for p in _patterns(kind)), *_YEARS)


@dataclass(frozen=True)
class Periods:
    """First days in ISO 8601, and how they were read, in a sentence."""

    texts: list[str]
    note: str


def period(matches: Sequence[re.Match[str]], texts: Sequence[str], column: str) -> Periods:
    """The first day of each quarter, half-year or week.

    Raises InputError, with the row, for a week that its year does not have, and for "S1 2024", which is a week
    in French and a half-year in Spanish.
    """
    fields = matches[0].groupdict()
    if "year" in fields:
        return _years(matches, texts, column)
    kind = next(k for k in _NAMES if k in fields)
    if kind == "half" and all(f["half"] in ("s", "sem") for f in matches) and len(matches) < 3:
        year = full_years([matches[0]["y"]])[0]
        raise InputError(
            f"column {column!r}: {texts[0]!r} may be a half-year or a week: write {year}-H1 or {year}-W01"
        )
    first_days = []
    for k, (match, year) in enumerate(
        zip(matches, full_years([m["y"] for m in matches]), strict=True)
    ):
        number = _WORDS.get(match["n"]) or int(match["n"])
        if kind == "week":
            first_days.append(first_of_week(year, number, texts[k], column, k + 1))
        else:
            month = (number - 1) * MONTHS[kind] + 1
            first_days.append(date(year, month, 1).isoformat())
    said = {
        "quarter": "first day of the quarter",
        "half": "first day of the half-year",
        "month": "first day of the month",
    }
    what = said.get(kind, "Monday of the ISO week")
    if fields.get("fiscal"):
        what += ", as if the fiscal year were that of the calendar"
    return Periods(first_days, f"{texts[0]} is read as the {what} ({first_days[0]})")


def first_of_week(year: int, week: int, text: str, column: str, row: int) -> str:
    """The Monday of an ISO week. Raises InputError, with the row, for a week that its year does not have."""
    try:
        return date.fromisocalendar(year, week, 1).isoformat()
    except ValueError:
        raise InputError(
            f"column {column!r}, row {row}: {text!r} is no week: {year} has no week {week}"
        ) from None


def _years(matches: Sequence[re.Match[str]], texts: Sequence[str], column: str) -> Periods:
    """The first day of years such as FY24 and 2023/24. Raises InputError, with the row, for "2023/29"."""
    years = full_years([m["y"] for m in matches])
    for k, (match, year) in enumerate(zip(matches, years, strict=True)):
        following = match["next"] or match.groupdict().get("later")
        if following and int(following) % 100 != (year + 1) % 100:
            raise InputError(
                f"column {column!r}, row {k + 1}: {texts[k]!r} is not a year and the one after it"
            )
    first_days = [f"{year:04}-01-01" for year in years]
    return Periods(first_days, f"{texts[0]} is read as the year {years[0]}")


def full_years(texts: Sequence[str]) -> list[int]:
    """The years of a column as people write them: 1998, 98 or '98.

    Years of two digits lie in the hundred years in which they are closest together (98, 99, 00 are 1998 to
    2000), and none of them far in the future.
    """
    digits = [text.lstrip("'") for text in texts]
    short = sorted({int(d) for d in digits if len(d) <= 2})
    if not short:
        return [int(d) for d in digits]
    spans = {first: max((year - first) % 100 for year in short) for first in short}
    first = min(spans, key=lambda year: (spans[year], -year))
    last = date.today().year + AHEAD - spans[first]
    begin = first + (last - first) // 100 * 100
    return [begin + (int(d) - first) % 100 if len(d) <= 2 else int(d) for d in digits]
