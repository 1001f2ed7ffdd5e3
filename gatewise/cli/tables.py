"""What the verbs that read tables share: options, reading, warnings, JSON, and the check of the extra."""

from __future__ import annotations

import json
import shlex
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli.exits import say
from gatewise.errors import InputError, InputWarning
from gatewise.extras import FORECAST, require

if TYPE_CHECKING:
    from gatewise.tasks.data.read_options import ReadOptions
    from gatewise.tasks.data.series import Table

File = Annotated[
    Path,
    typer.Argument(
        help="A CSV, Excel, Parquet or Feather file, also .gz or .zip; - for standard input.",
        metavar="FILE",
        show_default=False,
    ),
]
Model = Annotated[Path, typer.Argument(help="A saved model.", metavar="MODEL", show_default=False)]
Time = Annotated[
    str | None, typer.Option("--time", help="The column of timestamps.", metavar="COLUMN")
]
Target = Annotated[
    list[str],
    typer.Option("--target", help="The column to predict; repeatable.", metavar="COLUMN"),
]
Id = Annotated[
    str | None, typer.Option("--id", help="The column that names the series.", metavar="COLUMN")
]
Known = Annotated[
    list[str],
    typer.Option(
        "--known",
        help="A covariate whose future values are known when the forecast is made; repeatable.",
        metavar="COLUMN",
    ),
]
Past = Annotated[
    list[str],
    typer.Option(
        "--past", help="A covariate known only up to the present; repeatable.", metavar="COLUMN"
    ),
]
Static = Annotated[
    list[str],
    typer.Option(
        "--static", help="A covariate with one value per series; repeatable.", metavar="COLUMN"
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--zone",
        help="The time zone of timestamps without one, such as Europe/Berlin.",
        metavar="NAME",
    ),
]
Calendar = Annotated[
    list[str],
    typer.Option(
        "--calendar",
        help="The days and hours that are observed (default: as in the data): all, business, 6-day, "
        "'mon-fri 08:00-18:00'; a country (US, DE-BY) or exchange (NYSE) whose holidays are closed; a column "
        "or a file of closed days; repeatable.",
        metavar="WHAT",
    ),
]
Sep = Annotated[
    str | None,
    typer.Option("--sep", help="The character between columns; tab for tabs.", metavar="CHARACTER"),
]
DecimalMark = Annotated[
    str | None,
    typer.Option("--decimal", help="What stands before decimals: . or ,", metavar="MARK"),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", help="Of a text file, such as windows-1252.", metavar="NAME"),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", help="The sheet of an Excel file.", metavar="NAME")
]
DateFormat = Annotated[
    str | None,
    typer.Option(
        "--date-format",
        help="dmy, mdy or ymd; a format such as %d/%m/%Y; excel or number for whole numbers.",
        metavar="FORMAT",
    ),
]
Freq = Annotated[
    str | None,
    typer.Option("--freq", help="The time step: h, 15min, D, W, MS.", metavar="STEP"),
]
Agg = Annotated[
    str | None,
    typer.Option(
        "--agg",
        help="How rows of one time step become one: sum, mean, median, min, max, first, last.",
        metavar="NAME",
    ),
]
MissingValues = Annotated[
    list[str],
    typer.Option(
        "--missing",
        help="A value that stands for a missing one, such as -999; repeatable.",
        metavar="VALUE",
    ),
]
Horizon = Annotated[
    int | None,
    typer.Option("--horizon", help="The number of steps to forecast.", metavar="N", min=1),
]
Future = Annotated[
    Path | None,
    typer.Option("--future", help="Known covariates of the steps to forecast.", metavar="FILE"),
]
Overwrite = Annotated[bool, typer.Option("--force", help="Overwrite the file in --out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no messages on stderr.")]


COLUMN_OPTIONS = (
    "time",
    "target",
    "id",
    "known",
    "past",
    "static",
    "zone",
    "reading",
    "calendar",
)


def reading(
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    date_format: str | None = None,
    freq: str | None = None,
    agg: str | None = None,
    missing: Sequence[str] = (),
) -> ReadOptions:
    """How a table is written. Raises BadParameter (wrong usage) for a value out of range."""
    from gatewise.tasks.data.read_options import ReadOptions

    try:
        return ReadOptions(sep, decimal, encoding, sheet, date_format, freq, agg, tuple(missing))
    except InputError as error:
        raise typer.BadParameter(f"--{error}".replace("date_format", "date-format")) from None


@dataclass(frozen=True)
class Columns:
    """The columns that were named on the command line."""

    time: str | None = None
    target: Sequence[str] = ()
    id: str | None = None
    known: Sequence[str] = ()
    past: Sequence[str] = ()
    static: Sequence[str] = ()
    zone: str | None = None
    reading: ReadOptions | None = None
    calendar: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Raises BadParameter (wrong usage) for a calendar that is none."""
        from gatewise.tasks.data.calendar_options import CalendarChoice

        try:
            CalendarChoice.of(self.calendar)
        except InputError as error:
            raise typer.BadParameter(f"--calendar: {error}") from None

    def options(self) -> dict[str, Any]:
        """The arguments of ``read_table`` and of an estimator."""
        return {
            "time": self.time,
            "target": list(self.target) or None,
            "id": self.id,
            "known": list(self.known),
            "past": list(self.past),
            "static": list(self.static),
            "zone": self.zone,
            "reading": self.reading,
        } | ({"calendar": list(self.calendar)} if self.calendar else {})

    def read(self, file: Path) -> Table:
        """The table in a file. Raises InputError."""
        from gatewise.tasks.data.reader import read_table

        return read_table(file, **self.options())

    def words(self) -> list[str]:
        """The options as they are typed."""
        words: list[str] = []
        for name, value in self.options().items():
            if name == "reading":
                words += [] if self.reading is None else map(shlex.quote, self.reading.words())
                continue
            for column in [value] if isinstance(value, str) else value or []:
                words.append(f"--{name} {shlex.quote(column)}")
        return words


def need(verb: str, libraries: Sequence[str] = FORECAST) -> None:
    """Raises MissingExtra that names the extra where a library is missing."""
    require(verb, "forecast,cli", libraries)


@contextmanager
def warned(quiet: bool = False) -> Iterator[None]:
    """Print the warnings of the block to stderr when it ends, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        try:
            yield
        finally:
            messages = dict.fromkeys(str(w.message) for w in caught if w.category is InputWarning)
            for text in () if quiet else messages:
                say(f"gatewise: warning: {text}")
    # warnings of libraries are passed on
    for w in caught:
        if w.category is not InputWarning:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)


def table_data(table: Table) -> dict[str, Any]:
    """How a table was read, as data."""
    return {
        "layout": table.layout,
        "series": len(table.series),
        "values": table.values,
        "missing": sum(s.missing for s in table.series),
        "time_step": table.clock.describe(),
        "zone": table.clock.zone,
        "calendar": table.clock.describe_calendar(),
        "columns": {
            part: [f.name for f in getattr(table.features, part)]
            for part in ("target", "past", "known", "static")
        },
        "notes": list(table.notes),
    }


def plain(value: Any) -> Any:
    """A value of a frame, as JSON can write it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def print_json(data: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))
