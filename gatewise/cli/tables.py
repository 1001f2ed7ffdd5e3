"""What the verbs that read tables share: their options, the reading, JSON, what an extra is needed for."""

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
from gatewise.errors import InputWarning
from gatewise.extras import FORECAST, require

if TYPE_CHECKING:
    from gatewise.tasks import Forecaster
    from gatewise.tasks.data.reader import Table

File = Annotated[
    Path, typer.Argument(help="A CSV or Parquet file.", metavar="FILE", show_default=False)
]
Model = Annotated[Path, typer.Argument(help="A saved model.", metavar="MODEL", show_default=False)]
Time = Annotated[str | None, typer.Option("--time", help="The column of times.", metavar="COLUMN")]
Target = Annotated[
    list[str],
    typer.Option("--target", help="A column to forecast; may be given again.", metavar="COLUMN"),
]
Id = Annotated[
    str | None, typer.Option("--id", help="The column that tells series apart.", metavar="COLUMN")
]
Known = Annotated[
    list[str],
    typer.Option(
        "--known",
        help="A covariate that is known for the future too, as when the forecast is made; may be given again.",
        metavar="COLUMN",
    ),
]
Past = Annotated[
    list[str],
    typer.Option(
        "--past", help="A covariate known up to now only; may be given again.", metavar="COLUMN"
    ),
]
Static = Annotated[
    list[str],
    typer.Option("--static", help="One value a series; may be given again.", metavar="COLUMN"),
]
Zone = Annotated[
    str | None,
    typer.Option(
        "--zone", help="The time zone of times that carry none: Europe/Berlin.", metavar="NAME"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr.")]


@dataclass(frozen=True)
class Named:
    """The columns that a person has named."""

    time: str | None = None
    target: Sequence[str] = ()
    id: str | None = None
    known: Sequence[str] = ()
    past: Sequence[str] = ()
    static: Sequence[str] = ()
    zone: str | None = None

    def options(self) -> dict[str, Any]:
        """As arguments of ``read_table`` and of ``Forecaster``."""
        return {
            "time": self.time, "target": list(self.target) or None, "id": self.id,
            "known": list(self.known), "past": list(self.past), "static": list(self.static),
            "zone": self.zone,
        }  # fmt: skip

    def read(self, file: Path) -> Table:
        """The table in a file. Raises InputError."""
        from gatewise.tasks.data.reader import read_table

        return read_table(file, **self.options())

    def words(self) -> list[str]:
        """As they are typed."""
        out = []
        for name, value in self.options().items():
            for one in [value] if isinstance(value, str) else value or []:
                out.append(f"--{name} {shlex.quote(one)}")
        return out


def need(verb: str, libraries: Sequence[str] = FORECAST) -> None:
    """Raises MissingExtra that names the extra where a library is missing."""
    require(verb, "forecast,cli", libraries)


def later(model: Forecaster, file: Path, future: Path | None = None) -> Table:
    """The table in a file, read with the columns and categories that a model was fitted with."""
    table: Table = model.fitted_.read(file, future)
    return table


@contextmanager
def warned(quiet: bool = False) -> Iterator[None]:
    """What is warned about in here is said on stderr, once, after what is done in here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        try:
            yield
        finally:
            said = dict.fromkeys(str(w.message) for w in caught if w.category is InputWarning)
            for text in () if quiet else said:
                say(f"gatewise: warning: {text}")
    for w in caught:  # those of libraries are none of ours
        if w.category is not InputWarning:
            warnings.warn_explicit(w.message, w.category, w.filename, w.lineno)


def table_data(table: Table) -> dict[str, Any]:
    """What was understood of a table, as data."""
    return {
        "layout": table.layout,
        "series": len(table.series),
        "values": table.values,
        "missing": sum(s.missing for s in table.series),
        "time_step": table.clock.describe(),
        "zone": table.clock.zone,
        "columns": {
            part: [f.name for f in getattr(table.features, part)]
            for part in ("target", "past", "known", "static")
        },
        "notes": list(table.notes),
    }


def plain(value: Any) -> Any:
    """A cell of a frame as JSON has it."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def print_json(data: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))
