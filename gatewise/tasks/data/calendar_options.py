"""What a person says of the calendar: days and hours in words, a country, a column or a file of closed days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gatewise.arrays import Bools
from gatewise.errors import InputError, OptionError
from gatewise.tasks.data.calendar import DAYS, SECOND, holiday_code

HOW = (
    "write learn, all, business, 6-day, days such as mon-fri or mon,wed,fri, with hours such as 08:00-18:00, a "
    "country (US, DE-BY) or exchange (NYSE) whose holidays are closed, a column that says which steps are closed, "
    "or a file with a column of closed days"
)
_NAMED = {"business": "mon-fri", "weekdays": "mon-fri", "workdays": "mon-fri", "6-day": "mon-sat"}
_SHORT = tuple(day[:3].lower() for day in DAYS)
_DAY = "|".join(f"{day[:3]}(?:{day[3:]})?".lower() for day in DAYS)
_DAYS = re.compile(rf"(?:{_DAY})(?:\s*[-,]\s*(?:{_DAY}))*")
_HOURS = re.compile(r"([01]?\d|2[0-4])(?::([0-5]\d))?\s*-\s*([01]?\d|2[0-4])(?::([0-5]\d))?")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class CalendarChoice:
    """What a person says of the calendar.

    Attributes:
        learn: whether slots that are never observed are found in the data, as far as none are named.
        days: [7] which days of the week are observed; () for those that are found.
        hours: the first minute of the day and the one after the last; None for those that are found.
        holidays: countries and exchanges.
        columns: of closures; one at most.
        files: of closed days.
    """

    learn: bool = True
    days: tuple[bool, ...] = ()
    hours: tuple[int, int] | None = None
    holidays: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @staticmethod
    def of(
        words: str | Sequence[str] | None, columns: Sequence[str] | None = None
    ) -> CalendarChoice:
        """From what was written.

        Args:
            words: one or several; None for what is found in the data.
            columns: of the table; None where they are not known yet, and anything else may be one.

        Raises InputError for what is none of the kinds.
        """
        listed = [words] if isinstance(words, str) else list(words or ())
        choice = CalendarChoice()
        for word in listed:
            if not isinstance(word, str) or not word.strip():
                raise InputError(f"calendar is a word or several, not {word!r:.100}: {HOW}")
            choice = choice._with(word.strip(), columns)
        return choice

    def _with(self, word: str, columns: Sequence[str] | None) -> CalendarChoice:
        lower = word.lower()
        if lower in ("learn", "all", "24/7"):
            return replace(self, learn=lower == "learn")
        if (week := _week(_NAMED.get(lower, lower))) is not None:
            days, hours = week
            return replace(self, days=days or self.days, hours=hours or self.hours)
        if columns is not None and word in columns:
            if self.columns:
                raise InputError(f"calendar names two columns, {self.columns[0]!r} and {word!r}")
            return replace(self, columns=(word,))
        if (code := holiday_code(word)) is not None:
            return replace(self, holidays=(*self.holidays, code))
        if Path(word).is_file():
            return replace(self, files=(*self.files, word))
        if columns is None:
            return replace(self, columns=(*self.columns, word))
        raise OptionError(f"calendar {word!r:.100} is no calendar, column or file: {HOW}")

    def week(self, observed: Bools, step: int) -> Bools:
        """The slots of the week that are observed.

        Args:
            observed: [slots] those that the data show.
            step: of the clock, in microseconds.

        Named days have the hours that they have in the data, or those of the other days.
        """
        if not self.days and self.hours is None:
            return observed
        by_day = observed.reshape(7, -1)
        if self.hours is not None:
            minutes = np.arange(by_day.shape[1]) * step // (60 * SECOND)
            start, end = self.hours
            named_days: Bools = np.array(self.days) if self.days else np.any(by_day, axis=1)
            days = named_days[:, None]
            if start < end:
                return np.asarray((days & (minutes >= start) & (minutes < end)).reshape(-1))
            # over midnight: the hours after it belong to the evening before
            night = days & (minutes >= start) | np.roll(days, 1, axis=0) & (minutes < end)
            return np.asarray(night.reshape(-1))
        usual = by_day.any(0)
        rows = [
            (row if row.any() else usual) if named else np.zeros_like(row)
            for named, row in zip(self.days, by_day, strict=True)
        ]
        return np.concatenate(rows)


def _week(text: str) -> tuple[tuple[bool, ...], tuple[int, int] | None] | None:
    """Days and hours of "mon-fri 08:00-18:00"; None if a text is none of that."""
    days = _DAYS.match(text)
    rest = text[days.end() if days else 0 :].strip(" ,;")
    hours = _HOURS.fullmatch(rest) if rest else None
    if (rest and hours is None) or not (days or hours):
        return None
    mask: tuple[bool, ...] = ()
    if days is not None:
        chosen: set[int] = set()
        for part in days[0].split(","):
            ends = [_SHORT.index(name.strip()[:3]) for name in part.split("-")]
            span = (ends[-1] - ends[0]) % 7 + 1
            chosen.update((ends[0] + k) % 7 for k in range(span))
        mask = tuple(k in chosen for k in range(7))
    if hours is None:
        return mask, None
    a, b = int(hours[1]) * 60 + int(hours[2] or 0), int(hours[3]) * 60 + int(hours[4] or 0)
    return mask, (a % _DAY_MINUTES, min(b, _DAY_MINUTES))
