"""How a table is written, where a person says so. What is left out is found out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from encodings import normalize_encoding
from encodings.aliases import aliases as ALIASES
from typing import Any, ClassVar, Literal, get_args

from gatewise.errors import InputError, nearest

Decimal = Literal[".", ","]
Aggregation = Literal["sum", "mean", "median", "min", "max", "first", "last"]
ORDERS = ("dmy", "mdy", "ymd")
NUMBERS = ("excel", "number")  # what whole numbers in a column of times are
TABS = ("tab", "\\t")
# codecs that turn bytes into bytes are none of text
_NO_TEXT = {
    "base64_codec",
    "bz2_codec",
    "hex_codec",
    "quopri_codec",
    "rot_13",
    "uu_codec",
    "zlib_codec",
}
_ENCODINGS = {name for pair in ALIASES.items() if pair[1] not in _NO_TEXT for name in pair}
MOST_WORDS = 100  # for missing values


@dataclass(frozen=True)
class ReadOptions:
    """What decides where a table can be read in more than one way.

    Attributes:
        sep: the character between columns; "tab" is one as well.
        decimal: what stands before the decimals of a number.
        encoding: of a text file, such as windows-1252.
        sheet: of an Excel file; "all" for all of them as one table.
        date_format: the order of day, month and year ("dmy", "mdy", "ymd"), a format of strptime
            ("%d/%m/%Y"), or what whole numbers are: "excel" (days as Excel counts them) or "number".
        freq: the time step, as pandas writes it: "h", "15min", "D", "W", "MS".
        agg: how rows of one series at one time become one row.
        missing: what stands for a missing value, such as -999.

    Raises InputError for a value out of range.
    """

    # how pydantic reads them from the file of a saved model
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}

    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    date_format: str | None = None
    freq: str | None = None
    agg: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            texts = value if one.name == "missing" else (value,)
            if not isinstance(texts, tuple) or not all(
                isinstance(t, str) or (t is None and one.name != "missing") for t in texts
            ):
                raise InputError(f"{one.name} must be text, not {value!r:.100}")
        if self.sep in TABS:
            object.__setattr__(self, "sep", "\t")
        _check_sep(self.sep, self.decimal)
        _check_choice("decimal", self.decimal, get_args(Decimal))
        _check_choice("agg", self.agg, get_args(Aggregation))
        if self.encoding is not None:
            _check_encoding(self.encoding)
        if self.date_format is not None and "%" not in self.date_format:
            _check_choice("date_format", self.date_format, (*ORDERS, *NUMBERS), "or as %d/%m/%Y")
        if self.date_format is not None and "%" in self.date_format:
            _check_pattern(self.date_format)
        if len(self.missing) > MOST_WORDS:
            raise InputError(f"missing names at most {MOST_WORDS} values, not {len(self.missing)}")

    @staticmethod
    def of(options: ReadOptions | Mapping[str, Any] | None) -> ReadOptions:
        """The options in a mapping of their names. Raises InputError for a name that is none."""
        if options is None:
            return ReadOptions()
        if isinstance(options, ReadOptions):
            return options
        if not isinstance(options, Mapping):
            raise InputError(
                f"reading is a mapping such as dict(decimal=','), not {options!r:.100}"
            )
        known = [one.name for one in fields(ReadOptions)]
        for name in options:
            if name not in known:
                raise InputError(
                    f"reading has no option {name!r:.100}.{nearest(str(name), known)} "
                    f"There are {', '.join(known)}"
                )
        values = dict(options)
        if "missing" in values:
            listed = values["missing"]
            single = isinstance(listed, str | int | float)
            values["missing"] = tuple(map(str, [listed] if single else listed))
        return ReadOptions(**values)

    def words(self) -> list[str]:
        """The options that were named, as (option, value) in turn: --decimal , --missing -999."""
        typed: list[str] = []
        for one in fields(self):
            value = getattr(self, one.name)
            option = f"--{one.name.replace('_', '-')}"
            for word in value if one.name == "missing" else (value,):
                if word is not None:
                    typed += [option, "tab" if word == "\t" else word]
        return typed


def _check_sep(sep: str | None, decimal: str | None) -> None:
    if sep is None:
        return
    if len(sep) != 1 or sep.isalnum() or sep in '"\r\n\0':
        raise InputError(f"sep must be one character such as ; or , or tab, not {sep!r:.100}")
    if sep == decimal:
        raise InputError(f"sep and decimal are both {sep!r}: columns must be told from decimals")


def _check_choice(name: str, value: str | None, known: tuple[str, ...], more: str = "") -> None:
    if value is not None and value not in known:
        listed = " or ".join(known) if len(known) == 2 else ", ".join(known)
        raise InputError(f"{name} must be {listed}{f' {more}' if more else ''}, not {value!r:.100}")


def _check_pattern(pattern: str) -> None:
    """Raises InputError for what is no format of ``strptime``."""
    moment = datetime(2024, 1, 31, 13)
    try:
        datetime.strptime(moment.strftime(pattern), pattern)
    except (ValueError, re.error):
        raise InputError(f"date_format must be such as %d/%m/%Y, not {pattern!r:.100}") from None


def _check_encoding(name: str) -> None:
    """Raises InputError for what is no encoding of text. Only names that encodings have are looked up."""
    plain = normalize_encoding(name).lower()
    if plain not in _ENCODINGS or (plain in ALIASES and ALIASES[plain] not in _ENCODINGS):
        raise InputError(
            f"encoding must be the name of one, such as utf-8, windows-1252 or utf-16, not {name!r:.100}"
        )


# how a table is written that has become a CSV text
WRITTEN = ReadOptions(sep=",", decimal=".")
