"""Names of months and days of the week in the larger European languages, from Unicode's tables (Babel).

A text with such names is written anew with numbers: "1. März 2024" becomes "1 <3> 2024", whatever its
language. A name that stands for two months in two languages (listopad) is told by the other names of its column.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatewise.errors import InputError
from gatewise.extras import installed

if TYPE_CHECKING:
    from babel import Locale

# in the order in which they are tried
_LANGUAGES = (
    "en de fr es it pt nl pl sv da nb fi cs sk hu ro el tr ru uk bg hr sr sr_Latn sl lt lv et ca"
)
LANGUAGES = tuple(_LANGUAGES.split())
_WORD = re.compile(r"[^\W\d_]+\.?")
# between day, month and year; behind the number of a day; behind a time
_FILLERS = frozenset(
    [
        "de",
        "del",
        "of",
        "the",
        "den",
        "di",
        "d",
        "l",
        "a",
        "o",
        "em",
        "г",
        "р",
        "r",
        "m",
        "uhr",
        "klo",
        "kl",
    ]
)
_DAY_BEFORE = re.compile(r"[^\W\d_]+[., ]+(?=\d{1,4}[./-]\d{1,2}[./-]\d)")
_ORDINALS = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|ère|º|ª|°|e|\.o)(?![^\W\d_])")
_CONVENTIONS = {"sept": 9, "mrz": 3, "jän": 1, "jänner": 1, "feber": 2}


def names_in(text: str) -> list[str]:
    """The words of a text that may be names of months, in lower case and without points."""
    return [w.casefold().rstrip(".") for w in _WORD.findall(text)]


def is_month(word: str) -> bool:
    """Whether a word is the name of a month in some language."""
    return bool(_months_of(word.casefold().rstrip(".")))


def is_day(word: str) -> bool:
    """Whether a word is the name of a day of the week in some language."""
    return _babel() and _key(word) in _weekdays()


@functools.cache
def _meanings(word: str) -> Mapping[str, int]:
    """The month that a word stands for in each language that has it."""
    if word in _CONVENTIONS:
        return dict.fromkeys(LANGUAGES, _CONVENTIONS[word])
    english = {"en": _english()[word]} if word in _english() else {}
    if english and not _babel():
        return english
    return english | _foreign().get(word, {}) if len(word) >= 3 else {}


@functools.cache
def _months_of(word: str) -> Mapping[str, int]:
    """The month that a word stands for, by language; by "" where all that have it mean the same."""
    months = _meanings(word)
    first = next(iter(months.values()), 0)
    return {"": first} if first and all(m == first for m in months.values()) else months


@functools.cache
def _babel() -> bool:
    return installed("babel")


@functools.cache
def _english() -> dict[str, int]:
    full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
    return {name: k for k, m in enumerate(full, 1) for name in (m, m[:3])}


@functools.cache
def _foreign() -> dict[str, dict[str, int]]:
    """Months by their names and by language."""
    months: dict[str, dict[str, int]] = {}
    for language, locale in _locales().items():
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in locale.months[context][width].items():
                    months.setdefault(_key(name), {})[language] = month
    return months


@functools.cache
def _weekdays() -> frozenset[str]:
    """Names of the days of the week, with those of two letters."""
    return frozenset(
        _key(name)
        for locale in _locales().values()
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for name in locale.days[context].get(width, {}).values()
    )


@functools.cache
def _locales() -> dict[str, Locale]:
    try:
        from babel import Locale
    except ImportError:
        raise InputError(
            'names of months and days need Babel: pip install "gatewise[forecast]"'
        ) from None
    return {language: Locale.parse(language) for language in LANGUAGES}


def _key(name: str) -> str:
    return name.casefold().rstrip(".")


def language_of(texts: Iterable[str], column: str) -> str | None:
    """The language of the names of months in some texts; None if there is none, or if it does not matter.

    It has all of them, or at least those that are another month elsewhere: "ene, sep" are of no one language.
    Raises InputError if two languages have them and mean other months.
    """
    words = {w for t in texts for w in names_in(t)}
    unclear = [months for w in sorted(words) if (months := _months_of(w)) and "" not in months]
    if not unclear:
        return None
    everywhere = [set(months) for w in words if (months := _meanings(w))]
    shared = set.intersection(*everywhere) or set.intersection(*map(set, unclear))
    if not shared:
        return None
    first = next(language for language in LANGUAGES if language in shared)
    for other in shared:
        for word in sorted(words):
            month_of = _meanings(word)
            if other in month_of and first in month_of and month_of[other] != month_of[first]:
                raise InputError(
                    f"column {column!r}: {word!r} is month {month_of[first]} in one language ({first}) and "
                    f"{month_of[other]} in another ({other}): write the months as numbers, such as 2024-"
                    f"{month_of[first]:02}"
                )
    return first


def with_numbers(text: str, language: str | None) -> str:
    """A text in lower case with months as <3>; days of the week, fillers and ordinals are left out."""
    lower = _ORDINALS.sub("", text.casefold())
    if (before := _DAY_BEFORE.match(lower)) and is_day(before[0].strip("., ")):
        lower = lower[before.end() :]  # a whole date follows: "mar" is a Tuesday, not March
    if not _WORD.search(lower):
        return lower
    words = _WORD.findall(lower)

    def written(match: re.Match[str]) -> str:
        word = match[0].rstrip(".")
        months = _months_of(word)
        month = months.get(language or "en", months.get("", 0)) if months else 0
        if month and not (len(words) > 1 and match.start() == 0 and _is_weekday(words[1:], word)):
            return f" <{month}> "
        if word in _FILLERS:
            return " "
        if len(word) >= 2 and word not in ("am", "pm") and is_day(word):
            return " "
        return match[0]

    return " ".join(_WORD.sub(written, lower).split())


def _is_weekday(words: Iterable[str], word: str) -> bool:
    """Whether a later word is a month as well: the first is then a day of the week (mar, mié)."""
    return is_day(word) and any(_months_of(w.rstrip(".")) for w in words)
