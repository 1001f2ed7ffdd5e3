"""Which slots of the week are observed at all, which days are holidays: what a clock leaves out.

A slot is one step of a clock in the week: a day, an hour, a quarter of an hour; slot 0 begins on Monday at
midnight. Some slots are no positions of the clock at all (Saturdays of an office). Others are positions, so that
a season keeps its place in the week, but are closed: nothing is observed there, and nothing is forecast (a
holiday, Saturday afternoon, the Saturday of one shop among others).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from gatewise.arrays import Bools, Ints
from gatewise.errors import InputError, nearest

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY
_MONDAY = 3 * DAY  # 1970-01-01 was a Thursday
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Calendar:
    """The slots that a clock leaves out, and those that are closed.

    Attributes:
        week: slots that are positions of the clock, ascending; () for all.
        shut: slots among them in which no series is observed.
        patterns: slots in which some series is not observed either.
        pattern_of: the number of the pattern of a series, by its name.
        holidays: countries and exchanges whose holidays are closed: "US", "DE-BY", "NYSE".
        worked: names of holidays on which values have been observed; they are not closed.
        closures: days that are closed, since 1970, ascending.
        column: a known covariate that says which steps are closed; "" if there is none.
        open_value: its value where they are not.
    """

    week: tuple[int, ...] = ()
    shut: tuple[int, ...] = ()
    patterns: tuple[tuple[int, ...], ...] = ()
    pattern_of: dict[str, int] = field(default_factory=dict)
    holidays: tuple[str, ...] = ()
    worked: tuple[str, ...] = ()
    closures: tuple[int, ...] = ()
    column: str = ""
    open_value: float = 0.0

    def closed(self, walls: Ints, step: int, series: str) -> Bools:
        """Which moments [n] on the wall are closed for a series."""
        is_closed = np.zeros(len(walls), bool)
        slots = set(self.shut)
        if (number := self.pattern_of.get(series)) is not None:
            slots.update(self.patterns[number])
        if slots:
            is_closed |= mask_of(tuple(sorted(slots)), WEEK // step)[slots_of(walls, step)]
        if not len(walls) or not (self.closures or self.holidays):
            return is_closed
        days = walls // DAY
        if self.closures:
            is_closed |= np.isin(days, self.closures)
        if self.holidays:
            ends = int(days.min()), int(days.max())
            is_closed |= np.isin(days, list(holidays_of(self.holidays, self.worked, *ends)))
        return is_closed


def slots_of(walls: Ints, step: int) -> Ints:
    """The slots of the week that moments on the wall lie in."""
    return np.asarray((walls + _MONDAY) % WEEK // step)


def mask_of(slots: tuple[int, ...], count: int) -> Bools:
    """Slots as a mask over all slots of the week."""
    mask = np.zeros(count, bool)
    mask[list(slots)] = True
    return mask


# --- holidays -------------------------------------------------------------------------------------


def holidays_of(
    codes: tuple[str, ...], worked: tuple[str, ...], first: int, last: int
) -> dict[int, str]:
    """The holidays between two days (since 1970), with their names; without those that are worked."""
    years = np.array([first, last]).astype("datetime64[D]").astype("datetime64[Y]").astype(int)
    names: dict[int, str] = {}
    for code in codes:
        for year in range(int(years[0]) + 1970, int(years[1]) + 1971):
            names |= {day: name for day, name in _of_year(code, year).items() if name not in worked}
    return names


@functools.lru_cache(maxsize=4096)
def _of_year(code: str, year: int) -> dict[int, str]:
    import holidays

    country, _, part = code.partition("-")
    if country in holidays.list_supported_financial():
        days_off: Any = holidays.financial_holidays(country, years=year)
    else:
        days_off = holidays.country_holidays(country, subdiv=part or None, years=year)
    epoch = date(1970, 1, 1).toordinal()
    return {
        day.toordinal() - epoch: str(name) for day, name in days_off.items() if day.year == year
    }


def holiday_code(text: str) -> str | None:
    """The country, with its part, or the exchange that a text names: "US", "DE-BY", "NYSE"; None if it is none.

    Raises InputError for a part that the country does not have, and where the library is not installed.
    """
    country, _, part = text.strip().upper().replace("_", "-").partition("-")
    if not country.isalpha() or not 2 <= len(country) <= 4:
        return None
    try:
        import holidays
    except ImportError:
        raise InputError(
            'the holidays of a country need the library holidays: pip install "gatewise[forecast]"'
        ) from None
    exchanges = holidays.list_supported_financial()
    if country in exchanges and not part:
        return country
    parts = holidays.list_supported_countries().get(country)
    if parts is None:
        return None
    if part and part not in parts:
        raise InputError(
            f"{country} has no part {part!r} with holidays of its own.{nearest(part, list(parts))} There are "
            f"{', '.join(parts) or 'none'}"
        )
    return f"{country}-{part}" if part else country


# --- in words -------------------------------------------------------------------------------------


def describe_week(mask: Bools, step: int) -> str:
    """A mask [slots of the week] in words: "Monday to Friday, 08:00 to 18:00"."""
    by_day = mask.reshape(7, -1)
    hours = [_hours(row, step) for row in by_day]
    parts: list[str] = []
    for text in dict.fromkeys(h for h in hours if h):
        days = _days([k for k, h in enumerate(hours) if h == text])
        parts.append(days if text == "all day" else f"{days} {text}")
    return "; ".join(parts)


def _days(numbers: list[int]) -> str:
    """Days of the week in words: "Monday to Friday", "Monday, Wednesday"."""
    runs: list[list[int]] = []
    for k in numbers:
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    if len(numbers) == 7:
        return "every day"
    shown = []
    for run in runs:
        if len(run) > 2:
            shown.append(f"{DAYS[run[0]]} to {DAYS[run[-1]]}")
        else:
            shown += [DAYS[k] for k in run]
    return ", ".join(shown)


def _hours(slots: Bools, step: int) -> str:
    """The slots of one day in words: "08:00 to 18:00"; "" if there are none."""
    if not slots.any():
        return ""
    if slots.all():
        return "all day"
    edges = np.flatnonzero(np.diff(slots, prepend=False, append=False)) * step // (60 * SECOND)
    texts = [f"{m // 60:02}:{m % 60:02}" for m in edges.tolist()]
    return ", ".join(f"{a} to {b}" for a, b in zip(texts[::2], texts[1::2], strict=True))
