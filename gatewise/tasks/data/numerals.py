"""Numbers as people write them: grouped digits, signs of currencies, percent, negatives in parentheses.

All cells of a column are read in one way. Which one follows from the cells that allow one only; where none
does, the column is refused with both readings.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.data.currencies import WHOLE, is_currency

# blanks that people see as one: no-break, figure, thin, narrow no-break
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003\u2008\u200a"), " ")
_SIGNS = dict.fromkeys(map(ord, "−–‒﹣－"), "-")
_MARKS = dict.fromkeys(map(ord, "’ʼ´`＇"), "'")
_SAME = _BLANKS | _SIGNS | _MARKS
_UNIT = r"(?:[^\W\d_]{1,4}[^\w\s.,'()%‰+-]?\.?|[^\w\s.,'()%‰+-])?"  # is_currency looks at it
_NO_CENTS = re.compile(r"(?<=\d)[.,]-{1,2}(?!\d)")  # 12,- and 12.-- are whole amounts
_LIMIT = r"[<>≤≥]=?"  # "<0.5": what an instrument could not measure lies below its limit
_ABOUT = r"[~≈]|ca\.?|circa|approx\.?"
_CELL = re.compile(
    rf"(?:(?P<limit>{_LIMIT})|(?:{_ABOUT}))?\s*(?P<outside>{_UNIT})\s*(?P<open>\()?\s*(?P<sign>[-+]?)\s*(?P<before>{_UNIT})\s*(?P<inner>[-+]?)\s*"
    r"(?P<core>(?:\d[\d.,' ]*|[.,]\d+))(?P<power>[eE][-+]?\d{1,3})?\s*"
    rf"(?P<early>-?)\s*(?P<percent>[%‰]?)\s*(?P<after>{_UNIT})\s*(?P<trailing>-?)\s*(?P<close>\))?"
    rf"\s*(?P<behind>{_UNIT})"
)
_FEW = 0.01  # share of the cells that must lack a group for groups to be believed


@dataclass(frozen=True)
class Numeral:
    """How the numbers of a column are written.

    Attributes:
        decimal: what stands before the decimals.
        unit: the sign or code of a currency, "%" or "‰"; "" for none.
        usual: whether every library reads the column as it is.
    """

    decimal: str = "."
    unit: str = ""
    usual: bool = True


@dataclass(frozen=True)
class _Cell:
    """One cell, taken apart: digits with their marks, an exponent, whether it is negative, its unit, a limit."""

    core: str
    power: str
    negative: bool
    unit: str
    limit: bool = False


@dataclass(frozen=True)
class Problem:
    """What is wrong with a text, by its number among those given: the end of a sentence about it."""

    place: int
    what: str


NO_NUMBER = "is not a number; write 1234.5"


def read(texts: Sequence[str], decimal: str | None = None) -> tuple[Floats, Numeral] | Problem:
    """The numbers [n] that texts stand for and how they are written; or what is wrong.

    Args:
        texts: different cells of a column, none of them missing.
        decimal: what stands before the decimals, where that is known.
    """
    cells: list[_Cell] = []
    for k, text in enumerate(texts):
        cell = _taken_apart(text)
        if cell is None:
            return Problem(k, NO_NUMBER)
        cells.append(cell)
    if cells and all(c.limit for c in cells):  # groups such as <18 and >65
        return Problem(0, NO_NUMBER)
    unit = _unit_of(cells)
    if isinstance(unit, Problem):
        return unit
    cores = [c.core for c in cells]
    if decimal is None and unit in WHOLE and all(evidence(c) in ("", "?") for c in cores):
        decimal = "." if any("," in c for c in cores) else ","
    chosen = _decimal_of(cores, decimal)
    if isinstance(chosen, Problem):
        return chosen
    values = np.empty(len(cells))
    usual = not unit
    for k, (text, c) in enumerate(zip(texts, cells, strict=True)):
        plain = _plain(c.core, chosen)
        if plain is None:
            return Problem(k, NO_NUMBER)
        values[k] = float(f"{'-' if c.negative else ''}{plain}{c.power}")
        usual = usual and text.strip().lstrip("+-") == f"{plain}{c.power}"
    return values, Numeral(chosen, unit, usual)


def could_be(text: str) -> bool:
    """Whether a cell may be a number in some way of writing."""
    cell = _taken_apart(text)
    return cell is not None and any(_plain(cell.core, mark) is not None for mark in ".,")


def digits_of(text: str) -> str:
    """The digits of a number with their marks, without its sign and unit; "" of what is no number."""
    cell = _taken_apart(text)
    return cell.core if cell is not None else ""


def evidence(core: str) -> str:
    """What digits say of the decimal mark: "." or ",", "?" if either may be, "" if there is no mark.

    "1.495,67" and "1,5" say a comma, "1.495" says "?". Of spaces and apostrophes it says nothing.
    """
    digits = core.replace(" ", "").replace("'", "")
    dots, commas = digits.count("."), digits.count(",")
    if not dots and not commas:
        return ""
    if dots and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    mark, other = (".", ",") if dots else (",", ".")
    if dots + commas > 1:
        return other
    before, _, after = digits.partition(mark)
    grouped = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    return "?" if grouped and digits == core else mark


def grouped_by_habit(plain: int, grouped: int) -> bool:
    """Whether "1,495" is a group of thousands because numbers below 1000 stand beside it without a mark.

    As decimals they would be whole numbers among numbers that all have three decimals.

    Args:
        plain: cells other than 0 without a mark, all of them below 1000.
        grouped: cells such as "1,495".
    """
    return plain > 0 and plain >= _FEW * (plain + grouped)


def both(text: str) -> str:
    """The two readings of a number such as 1,495, and the option that decides."""
    mark = "," if "," in text else "."
    digits = text.replace(mark, "")
    return (
        f"may be {digits} (a mark between thousands) or {text.replace(mark, '.')} (decimals): say which "
        f"with --decimal {'.' if mark == ',' else ','} or --decimal {mark}"
    )


def _unit_of(cells: Sequence[_Cell]) -> str | Problem:
    """The one unit of all cells. A currency may be left out in some; percent may not, but of 0."""
    units = Counter(c.unit for c in cells if c.unit)
    if len(units) > 1:
        (most, _), *others = units.most_common()
        k = next(n for n, c in enumerate(cells) if c.unit == others[0][0])
        return Problem(k, f"is in another unit than other rows ({cells[k].unit}, not {most})")
    unit = next(iter(units), "")
    if unit in ("%", "‰"):
        without = [k for k, c in enumerate(cells) if not c.unit and c.core.strip("0.,")]
        if without and len(without) < units[unit]:
            return Problem(without[0], f"has no {unit} sign, and other rows have one")
        if without:
            k = next(n for n, c in enumerate(cells) if c.unit)
            return Problem(k, f"has a {unit} sign, and other rows have none")
    return unit


def _decimal_of(cores: Sequence[str], decimal: str | None) -> str | Problem:
    """What stands before the decimals."""
    says = [evidence(c) for c in cores]
    sure = Counter(mark for mark in says if mark in (".", ","))
    if len(sure) > 1:
        (most, _), (fewer, _) = sure.most_common()
        other = cores[says.index(most)]
        return Problem(
            says.index(fewer), f"is written in another way than {other!r}: use one decimal mark"
        )
    if decimal is not None:
        if sure and decimal not in sure:
            k = says.index(next(iter(sure)))
            return Problem(k, f"does not have its decimals behind {decimal!r}, as the table has")
        return decimal
    if sure:
        return next(iter(sure))
    unsure = [c for c, mark in zip(cores, says, strict=True) if mark == "?"]
    if not unsure:
        return "."
    mark = "." if "." in unsure[0] else ","
    other_mark = "," if mark == "." else "."
    for k, core in enumerate(cores):
        if other_mark in core:
            return Problem(k, f"is written in another way than {unsure[0]!r}: use one decimal mark")
    plain = [c for c, s in zip(cores, says, strict=True) if not s and c.strip("0")]
    if all(len(c) <= 3 for c in plain) and grouped_by_habit(len(plain), len(unsure)):
        return other_mark
    return Problem(says.index("?"), both(unsure[0]))


def _plain(core: str, decimal: str) -> str | None:
    """Digits without marks between groups, a point before decimals; None if the marks stand wrong."""
    integer, mark, fraction = core.rstrip().partition(decimal)
    group = "," if decimal == "." else "."
    if not re.fullmatch(r"\d*", fraction):
        return None
    if not integer.isdigit() and integer:
        kinds = {c for c in integer if not c.isdigit()}
        if len(kinds) > 1 or not kinds <= {group, " ", "'"}:
            return None
        parts = integer.split(kinds.pop())
        if not 1 <= len(parts[0]) <= 3 or len(parts[-1]) != 3:
            return None
        if {len(p) for p in parts[1:-1]} - {3} and {len(p) for p in parts[1:-1]} - {2}:
            return None  # groups of two digits before the last three are usual in India
        integer = "".join(parts)
    return f"{integer or '0'}.{fraction}" if mark and fraction else integer or None


@functools.lru_cache(maxsize=1 << 16)
def _taken_apart(text: str) -> _Cell | None:
    match = _CELL.fullmatch(_NO_CENTS.sub("", text.translate(_SAME).strip().removeprefix("'")))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    minus = [match[n] for n in ("sign", "inner", "early", "trailing")]
    if sum(map(bool, minus)) + bool(match["open"]) > 1:
        return None
    units = [u for u in match.group("outside", "before", "after", "behind") if u]
    if not all(map(is_currency, units)) or (units and match["percent"]):
        return None
    if len(units) > 1 and not _sign_and_code(units):
        return None
    core = _digits(match["core"].strip())
    if _is_label(match, core):
        return None
    unit = match["percent"] or (max(units, key=len).rstrip(".") if units else "")
    negative = bool(match["open"]) or "-" in minus
    return _Cell(core, match["power"] or "", negative, unit, bool(match["limit"]))


def is_limit(text: str) -> bool:
    """Whether a cell is no value but a limit that it lies below or above: <0.5."""
    cell = _taken_apart(text)
    return cell is not None and cell.limit


def _sign_and_code(units: Sequence[str]) -> bool:
    """Whether two units are the sign and the code of one currency, as in "$5.00 MXN"."""
    signs = [u for u in units if not u.isalpha()]
    return len(units) == 2 and len(signs) == 1


def _is_label(match: re.Match[str], core: str) -> bool:
    """Whether a letter with a whole number behind it is a name (R1), as amounts have a mark or a blank (R1,250)."""
    unit = match["before"] or match["outside"]
    glued = match.start("core") == match.end("before") > match.start("before") or (
        match.start("core") == match.end("outside")
    )
    return bool(unit) and glued and len(unit) == 1 and unit.isalpha() and core.isdigit()


def _digits(core: str) -> str:
    """The same in the digits 0 to 9: other scripts have their own."""
    return core if core.isascii() else "".join(str(int(c)) if c.isdigit() else c for c in core)
