"""Times of a column of texts, in whichever way they are written."""

from __future__ import annotations

from gatewise.tasks.data.cells import CellFormat
from gatewise.tasks.data.clock import Times
from gatewise.tasks.data.date_readers import IsoDates
from gatewise.tasks.data.dates import in_format, iso, written_otherwise
from gatewise.tasks.data.instants import parse
from gatewise.tasks.data.mixed_dates import read_mixed
from gatewise.tasks.data.ranges import beginnings
from gatewise.tasks.data.read_options import ORDERS


def times_of_texts(texts: list[str], name: str, cell_format: CellFormat) -> tuple[Times, str, str]:
    """Times from texts in ISO 8601, or as they are written otherwise, and a sentence on how they are.

    The zone is "" where they carry none. Raises InputError, with the row.
    """
    date_format = cell_format.options.date_format
    dates: IsoDates | None = None
    if "%" not in (date_format or "") and (starts := beginnings(texts, name)) is not None:
        times, zone, _ = times_of_texts(starts, name, cell_format)
        return times, zone, f"column {name!r}: {texts[0]} is read as its beginning, {starts[0]}"
    if date_format is not None and "%" in date_format:
        dates = in_format(texts, name, date_format)
    else:
        order = date_format if date_format in ORDERS else None
        dates = read_mixed(texts, name, order)
        if dates is None and written_otherwise(texts[0]):
            dates = iso(texts, name, order)
    if dates is None:
        return *parse(texts, name), ""
    return *parse(dates.texts, name, shown=texts), f"column {name!r}: {dates.note}"
