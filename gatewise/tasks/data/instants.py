"""Instants of texts in ISO 8601, and the time zone that they are in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.clock import SECOND, Times
from gatewise.tasks.data.date_readers import no_date
from gatewise.tasks.data.dates import written_otherwise
from gatewise.tasks.data.zones import fixed_name

_END_OF_DAY = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[ T]24(:00){1,2}(\.0+)?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_MONTH_ONLY = re.compile(r"\d{4}-\d{2}")


def parse(
    texts: Sequence[object], column: str, before: int = 0, shown: Sequence[str] | None = None
) -> tuple[Times, str]:
    """Instants of ISO 8601 texts (a month such as 1949-01 too), and their time zone ("" for none).

    Instants with an offset are UTC, those without are wall times. One offset is a zone of its own
    (UTC+02:00); several, as of summer and winter, come back as UTC. Raises InputError that names the row
    (the first below the header is row 1; ``before`` rows come before these), and its text as it is
    ``shown``.
    """
    words = [str(t).strip() for t in texts]
    if all(map(_PLAIN.fullmatch, words)):
        try:
            return np.array(words, dtype="datetime64[us]").astype(np.int64), ""
        except ValueError:  # a 31st of February: found with its row below
            pass
    instants = np.empty(len(words), np.int64)
    zones: dict[timedelta | None, int] = {}  # distances from UTC, and the first row that has each
    for k, text in enumerate(words):
        row = before + k + 1
        try:
            moment = instant(text)
        except ValueError:
            raise InputError(no_date(column, row, text if shown is None else shown[k])) from None
        offset = moment.utcoffset()
        if offset not in zones:
            _check_zones(zones, offset, column, row, text)
            zones[offset] = row
        delta = moment.replace(tzinfo=UTC) - _EPOCH - (offset or timedelta(0))
        instants[k] = (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds
    offsets = [o for o in zones if o is not None]
    if len(offsets) < len(zones):
        return instants, ""
    return instants, fixed_name(offsets[0]) if len(offsets) == 1 else "UTC"


_PLAIN = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUMMER = timedelta(hours=1)  # by which a zone's offset differs within a year at most


def _check_zones(
    zones: dict[timedelta | None, int], offset: timedelta | None, column: str, row: int, text: str
) -> None:
    """Raises InputError if a time's offset does not go with those before; summer time does."""
    others = [o for o in zones if o is not None]
    if zones and (offset is None or None in zones):
        raise InputError(
            f"column {column!r}, row {row}: some times carry a time zone and some do not: "
            f"give all of them one ({text!r})"
        )
    if others and offset is not None and max(abs(o - offset) for o in others) > _SUMMER:
        raise InputError(
            f"column {column!r}, rows {zones[others[0]]} and {row}: the times are of different time "
            f"zones ({text!r} in the last): bring them all to one, such as UTC"
        )


def instant(text: str) -> datetime:
    """A moment from its text. Raises ValueError."""
    text = text.strip()
    if (end := _END_OF_DAY.fullmatch(text)) is not None:  # 24:00 is the beginning of the next day
        return datetime.fromisoformat(f"{end['day']} 00:00{end['zone'] or ''}") + timedelta(days=1)
    return datetime.fromisoformat(f"{text}-01" if _MONTH_ONLY.fullmatch(text) else text)


def is_date(value: object) -> bool:
    """Whether a value can be read as a date."""
    text = str(value).strip()
    if written_otherwise(text):
        return True
    try:
        instant(text)
    except ValueError:
        return False
    return True
