"""Times that stand in several columns: year and month, Jahr and KW, año and trimestre, or year to second."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.clock import DAY, Times
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.dates import is_iso, written_otherwise
from gatewise.tasks.data.month_names import is_month
from gatewise.tasks.data.periods import first_of_week
from gatewise.tasks.data.text_times import times_of_texts

# what a column of each part is called
_NAMES = {
    "year": "year yr jahr année annee an año ano anno jaar rok år aar vuosi év yıl έτος год рік година",
    "quarter": "quarter qtr q quartal trimestre trim kwartał kwartal kvartal kvartál kwartaal čtvrtletí квартал",
    "month": "month mon monat mois mes mese mês maand miesiąc miesiac månad måned kuukausi měsíc hónap ay μήνας месяц "
    "місяць period periode",
    "week": "week wk kw woche kalenderwoche semaine semana settimana tydzień vecka uge uke viikko týden hét hafta неделя",
    "day": "day tag jour día dia giorno dag dzień päivä den nap gün день",
    "hour": "hour stunde heure hora ora uur godzina timme",
    "minute": "minute minuut minuto",
    "second": "second sekunde",
}
_PARTS = {name: part for part, names in _NAMES.items() for name in names.split()}
_NUMBERED = re.compile(r"M(0[1-9]|1[0-3])")  # months of a statistical office
_FINE = ("day", "hour", "minute", "second")
RANGES = {
    "year": (1000, 2999),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (1, 53),
    "day": (1, 31),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}


def find_spread(columns: Columns, free: Sequence[str]) -> tuple[str, ...]:
    """The columns of year, of quarter, month or week, and of finer parts behind months; () if time is not spread.

    A column that holds whole dates or times is one of times by itself.
    """
    named: dict[str, str] = {}
    for name in free:
        part = part_of(name)
        if part:
            named.setdefault(part, name)
        elif _holds_dates(columns, name):
            return ()
    if "year" not in named or any(_holds_dates(columns, n) for n in named.values()):
        return ()
    if not _is_part(columns, named["year"], "year"):
        return ()
    coarse = [p for p in ("month", "quarter", "week") if p in named]
    chosen = next((p for p in coarse if _is_part(columns, named[p], p)), None)
    if chosen is None:
        return ()
    spread = [named["year"], named[chosen]]
    for part in _FINE if chosen == "month" else ():
        if part not in named or not _is_part(columns, named[part], part):
            break
        spread.append(named[part])
    return tuple(spread)


def part_of(name: str) -> str:
    """The part of a time that a column is named as; "" for none."""
    return _PARTS.get(name.strip().casefold(), "")


def join_spread(columns: Columns, names: Sequence[str]) -> Times:
    """Times from such columns. Raises InputError, with the row."""
    parts = [part_of(name) for name in names]
    if columns.kind(names[1]) == "text":
        return _from_texts(columns, names)
    values = dict(zip(parts, (_whole(columns, n) for n in names), strict=True))
    if parts[1] == "quarter":
        pairs = zip(values["year"], values["quarter"], strict=True)
        texts = [f"{year}-{3 * quarter - 2:02}-01" for year, quarter in pairs]
        return times_of_texts(texts, names[1], columns.cell_format)[0]
    if parts[1] == "week":
        weeks = zip(values["year"].tolist(), values["week"].tolist(), strict=True)
        texts = [
            first_of_week(year, week, f"week {week}", names[1], row)
            for row, (year, week) in enumerate(weeks, 1)
        ]
        return times_of_texts(texts, names[1], columns.cell_format)[0]
    year, month = values["year"], values["month"]
    one = np.ones_like(year)
    day = values.get("day", one)
    hour, minute, second = (values.get(p, 0 * one) for p in ("hour", "minute", "second"))
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    wrong = date.astype("datetime64[M]") != first
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"row {row + 1}: there is no {year[row]}-{month[row]:02}-{day[row]:02} in the calendar"
        )
    seconds = (hour * 60 + minute) * 60 + second
    return np.asarray(date.astype(np.int64) * DAY + seconds * 1_000_000)


def _from_texts(columns: Columns, names: Sequence[str]) -> Times:
    """Times of a year and a month, quarter or week in words, and perhaps a day."""
    years = _whole(columns, names[0])
    days = _whole(columns, names[2]) if len(names) > 2 else None
    texts = [str(v).strip() for v in columns.frame[names[1]].to_list()]
    if days is None and all(map(_NUMBERED.fullmatch, texts)):
        if "M13" in texts:
            raise InputError(
                f"column {names[1]!r}, row {texts.index('M13') + 1}: 'M13' is the mean of a year: take such rows out"
            )
        written = [f"{year}{text}" for text, year in zip(texts, years, strict=True)]
        return times_of_texts(written, names[1], columns.cell_format)[0]
    written = [
        f"{'' if days is None else f'{days[k]} '}{text} {year}"
        for k, (text, year) in enumerate(zip(texts, years, strict=True))
    ]
    return times_of_texts(written, names[1], columns.cell_format)[0]


def _whole(columns: Columns, name: str) -> Times:
    """The whole numbers of a part. Raises InputError, with the row, for what its part does not have."""
    part = part_of(name)
    low, high = RANGES[part]
    values = columns.numbers(name)
    wrong = ~((values >= low) & (values <= high) & (values == np.floor(values)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"column {name!r}, row {row + 1}: {values[row]:g} is no {part} ({low} to {high})"
        )
    return values.astype(np.int64)


def _holds_dates(columns: Columns, name: str) -> bool:
    kind = columns.kind(name)
    if kind == "time":
        return True
    first = str(columns.first(name)).strip()
    return kind == "text" and (written_otherwise(first) or is_iso(first))


def _is_part(columns: Columns, name: str, part: str) -> bool:
    """Whether a column can hold the part that it is called."""
    kind = columns.kind(name)
    if kind == "text" and part in ("month", "quarter", "week"):
        cell = str(columns.first(name)).strip()
        if part == "month":
            return is_month(cell) or _NUMBERED.fullmatch(cell) is not None
        return written_otherwise(f"{cell} 2024")
    if kind not in ("integer", "number"):
        return False
    values = columns.numbers(name)
    whole = bool(np.all(values == np.floor(values)))
    # a period may be the 13th, and is then no month
    return whole and not (name.casefold().startswith("period") and values.max() > 12)
