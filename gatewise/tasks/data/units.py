"""Numbers with a unit behind them, the same in a whole column ("12.5 kWh"), or with a letter for a power ("1.5K")."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from gatewise.tasks.data.month_names import is_month
from gatewise.tasks.data.numerals import could_be

SHARE = 0.9  # of the cells that have the unit; the others are named, or are plain numbers
LEAST = 5  # different numbers, from which a column that nobody names is one of numbers
# a unit is a word with signs in it (m³, km/h, °C, µg/m³), which a blank may stand before
_MEASURED = re.compile(
    r"(?P<number>[-+(]?\d[\d.,'\u00a0\u202f ]*?)(?P<gap>\s*)(?P<unit>[€$£¥]/\S+|[^\W\d_°µ][^\s\d]*[²³]?|°[^\W\d_]?)"
)
_POWERS = {"K": 3, "k": 3, "M": 6, "B": 9, "T": 12}
_POWER = re.compile(r"(?P<number>[-+]?\d[\d.,]*)\s?(?P<letter>[KkMBT])")
# provisional, revised, estimated, a break, a forecast, unreliable
_FLAGGED = re.compile(r"(?P<number>[-+−]?\d[\d.,]*) ?(?:[prebfu]{1,2}|\*{1,3}|†|‡)")
_CLOCK = frozenset(["h", "uhr", "am", "pm", "a.m.", "p.m.", "st", "nd", "rd", "th"])


def is_measured(cell: str) -> bool:
    """Whether a cell may be a number with a unit, or with a letter for a power, behind it."""
    return _MEASURED.fullmatch(cell) is not None


def shared_unit(cells: Sequence[str]) -> str:
    """The unit that nearly all cells of a column have behind their number; "" if there is none.

    Names of months and parts of a time of day are no units, and "12A" may be a name: a blank or a decimal tells.
    """
    matches = [m for c in cells if (m := _MEASURED.fullmatch(c)) is not None]
    if not matches or len(matches) < SHARE * len(cells):
        return ""
    unit, count = Counter(m["unit"] for m in matches).most_common(1)[0]
    if count < SHARE * len(cells) or is_month(unit):
        return ""
    # 13 h is a time of day, 1.5 h is none
    if unit.casefold() in _CLOCK and not any(set(m["number"]) & set(".,") for m in matches):
        return ""
    spoken = any(m["gap"] or set(m["number"]) & set(".,") for m in matches)
    return unit if spoken and not could_be(cells[0]) else ""


def without_unit(cell: str, unit: str) -> str:
    """A cell without its unit; another cell as it is."""
    return cell.removesuffix(unit).rstrip() if unit and cell[:1] != unit[:1] else cell


def is_flagged(cell: str) -> bool:
    """Whether a cell is a number with such a mark as ``without_flags`` takes off."""
    return _FLAGGED.fullmatch(cell) is not None


def without_flags(cells: Sequence[str]) -> dict[str, str]:
    """Cells with a mark of a statistical office behind their number (58.1p: provisional), without it; or none.

    Others are plain numbers, and half of the cells at most are marked.
    """
    matches = {c: m["number"] for c in cells if (m := _FLAGGED.fullmatch(c)) is not None}
    if not matches or 2 * len(matches) > len(cells):
        return {}
    return matches if all(c in matches or could_be(c) for c in cells) else {}


def powers_written_out(cells: Sequence[str]) -> dict[str, str]:
    """Cells such as 1.5K and 2M as 1.5e3 and 2e6, where a column has several such letters; else none.

    One letter alone is a unit.
    """
    matches = {c: m for c in cells if (m := _POWER.fullmatch(c)) is not None}
    if len({m["letter"] for m in matches.values()}) < 2 or len(matches) < SHARE * len(cells):
        return {}
    return {c: f"{m['number']}e{_POWERS[m['letter']]}" for c, m in matches.items()}
