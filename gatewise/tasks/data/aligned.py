"""Tables whose columns are separated by blanks, as instruments and old programs write them, as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from gatewise.tasks.data.dialect import SAMPLE, SEPARATORS
from gatewise.tasks.data.layout import COMMENT
from gatewise.tasks.data.lines import blank
from gatewise.tasks.data.sources import Source, write_temporary

LEAST = 4  # lines that show it
SHARE = 0.8  # of the lines that have as many columns as the names
_GAPS = re.compile(r"\s{2,}")
_CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?")
Cut = Callable[[str], list[str]]


def aligned_as_csv(source: Source, separator: str | None) -> Source:
    """A table whose columns are separated by blanks with commas in their place; any other text as it is.

    ``separator`` is what a person has said.
    """
    if separator not in (None, " "):
        return source
    with source.path.open(encoding="utf-8-sig", newline=None, errors="replace") as file:
        cut = _cut_of([line for line in islice(file, SAMPLE) if not blank(line)])
    if cut is None:
        return source
    file_of_commas = write_temporary(_rewritten(source, cut), source.shown, None)
    return source.with_file(file_of_commas, "text", source.shown, "columns are separated by blanks")


def _cut_of(lines: Sequence[str]) -> Cut | None:
    """How lines are cut into columns; None where something else separates them, or there is one column."""
    table = [line for line in lines if not line.startswith(COMMENT)]
    if len(table) < LEAST or sum(any(s in line for s in SEPARATORS) for line in table) > 1:
        return None
    for cut in (_at_gaps, _at_blanks, _at_blanks_behind_times):
        widths = [len(cut(line)) for line in table]
        width, count = Counter(widths[1:]).most_common(1)[0]
        if width > 1 and count >= SHARE * (len(table) - 1) and width in widths[:2]:
            return cut
    return None


def _at_gaps(line: str) -> list[str]:
    """Cells that more than one blank stands between: they may have one inside."""
    return _GAPS.split(line.strip())


def _at_blanks(line: str) -> list[str]:
    if '"' in line:
        return next(csv.reader([line.strip()], delimiter=" ", skipinitialspace=True))
    return line.split()


def _at_blanks_behind_times(line: str) -> list[str]:
    """Cells that blanks stand between, with the time of day beside its date: "2024-01-31 13:00" is one."""
    cells: list[str] = []
    for cell in line.split():
        if cells and _CLOCK.fullmatch(cell):
            cells[-1] += f" {cell}"
        else:
            cells.append(cell)
    return cells


def _rewritten(source: Source, cut: Cut) -> Iterator[bytes]:
    with source.path.open(encoding="utf-8-sig", newline=None) as file:
        while block := list(islice(file, 10_000)):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            for line in block:
                # what is no row stays as it is, and lines keep their numbers
                if blank(line) or line.startswith(COMMENT):
                    text.write(line)
                else:
                    writer.writerow(cut(line))
            yield text.getvalue().encode()
