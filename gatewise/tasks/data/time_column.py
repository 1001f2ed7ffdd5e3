"""Which column of a table holds the times: by its name, else by what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.date_readers import lacks_year
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.whole_times import are_seconds, in_doubt, look_like_times

# names of columns of times, in the order in which they are preferred
_TIMES = """
    ds date datetime timestamp time ts month week day quarter year t period datum zeit
    zeitpunkt zeitstempel uhrzeit monat woche tag quartal jahr fecha mes semana día
    trimestre año mois semaine jour heure année horodatage data mese settimana giorno anno
    mês dia ano maand dag jaar miesiąc dzień rok månad måned dato år päivä päivämäärä
    kuukausi měsíc hónap dátum tarih ay ημερομηνία дата месяц місяць
"""
_ELAPSED = re.compile(
    r"(?:(?P<d>\d+) days? )?(?P<h>\d+):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d(?:\.\d+)?))?"
)
TIMES = tuple(_TIMES.split())


def find_time(columns: Columns, free: Sequence[str]) -> str:
    """The column of times: by its name, else the first, else the only one, if it holds dates; "" if there is none."""
    named = sorted(
        (c for c in free if plain_name(c) in TIMES), key=lambda c: TIMES.index(plain_name(c))
    )
    for c in [*named, *columns.names[:1]]:
        if c not in free:
            continue
        kind = columns.kind(c)
        if kind == "time" or (kind == "integer" and c in named):
            return c
        if kind == "number" and c in named and in_doubt(columns.floats(c), c):
            return c
        if kind == "number" and are_seconds(columns.floats(c)):
            return c
        if kind == "text" and (c in named or is_date(columns.first(c)) or _lack_years(columns, c)):
            if is_elapsed(columns, c):
                continue  # a stopwatch says what the order of rows says
            return c
    dated = [
        c
        for c in free
        if columns.kind(c) == "time" or (columns.kind(c) == "text" and is_date(columns.first(c)))
    ]
    if not dated:
        dated = [c for c in free if _whole_times(columns, c)]
    changing = [c for c in dated if columns.different(c) > 1]
    return changing[0] if len(changing) == 1 else ""


def _lack_years(columns: Columns, name: str) -> bool:
    """Whether the first column holds days without a year, which is refused as such."""
    return name == columns.names[0] and lacks_year(str(columns.first(name)).strip())


def is_elapsed(columns: Columns, name: str) -> bool:
    """Whether a column of texts holds times since the beginning, which rise: 00:00:00, 00:15:00, ... 26:00:00."""
    if columns.rows < 3 or _ELAPSED.fullmatch(str(columns.first(name)).strip()) is None:
        return False
    texts, codes = columns.texts(name)
    matches = [_ELAPSED.fullmatch(t) for t in texts]
    seconds = [
        float(m["s"] or 0) + 60 * int(m["m"]) + 3600 * int(m["h"]) + 86_400 * int(m["d"] or 0)
        for m in matches
        if m is not None
    ]
    whole = len(seconds) == len(texts) and bool(np.all(codes >= 0))
    return whole and bool(np.all(np.diff(np.array(seconds)[codes]) > 0))


def plain_name(name: str) -> str:
    """A name in small letters, without a remark behind it and marks around it: "_Time (UTC)" is "time"."""
    return re.sub(r"\s*[(\[].*", "", name).strip(" _*#:").casefold()


def _whole_times(columns: Columns, name: str) -> bool:
    """Whether a column of whole numbers holds times."""
    if columns.kind(name) != "integer":
        return False
    values = columns.whole(name)
    return values is not None and look_like_times(values)
