"""Which column of a table holds the times: by its name, else by what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.instants import is_date
from gatewise.tasks.data.whole_times import in_doubt, look_like_times

# names of columns of times, in the order in which they are preferred
_TIMES = """
    ds date datetime timestamp time month week day quarter year t period datum zeit
    zeitpunkt zeitstempel uhrzeit monat woche tag quartal jahr fecha mes semana día
    trimestre año mois semaine jour heure année horodatage data mese settimana giorno anno
    mês dia ano maand dag jaar miesiąc dzień rok månad måned dato år päivä päivämäärä
    kuukausi měsíc hónap dátum tarih ay ημερομηνία дата месяц місяць
"""
TIMES = tuple(_TIMES.split())


def find_time(columns: Columns, free: Sequence[str]) -> str:
    """The column of times: by its name, else the first, else the only one, if it holds dates; "" if there is none."""
    named = sorted(
        (c for c in free if c.casefold() in TIMES), key=lambda c: TIMES.index(c.casefold())
    )
    for c in [*named, *columns.names[:1]]:
        if c not in free:
            continue
        kind = columns.kind(c)
        if kind == "time" or (kind == "integer" and c in named):
            return c
        if kind == "number" and c in named and in_doubt(columns.floats(c), c):
            return c
        if kind == "text" and (c in named or is_date(columns.first(c))):
            return c
    dated = [
        c
        for c in free
        if columns.kind(c) == "time" or (columns.kind(c) == "text" and is_date(columns.first(c)))
    ]
    if not dated:
        dated = [c for c in free if _whole_times(columns, c)]
    return dated[0] if len(dated) == 1 else ""


def _whole_times(columns: Columns, name: str) -> bool:
    """Whether a column of whole numbers holds times."""
    if columns.kind(name) != "integer":
        return False
    values = columns.whole(name)
    return values is not None and look_like_times(values)
