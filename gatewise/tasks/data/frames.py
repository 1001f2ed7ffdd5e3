"""What a person holds in Python (a series, a list, an array, an index of times) as a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.data.files import library

VALUES = "y"  # the name of values that have none
TIMES = "ds"  # the name of times that have none


def as_frame(data: Any) -> tuple[Any, dict[str, str]]:
    """A frame, and the time zones of its columns, which Narwhals does not know all names of.

    A series becomes a column, an index of times too, periods become times, times with a zone are given in UTC.
    An array or a list of numbers is one series, an array of two dimensions a series for each column. Frames
    of other libraries stay as they are.

    Raises InputError for an array of more dimensions.
    """
    kind = type(data).__name__
    if kind == "LazyFrame":  # of Polars
        return as_frame(data.collect())
    if kind == "RecordBatch":  # of Arrow
        return as_frame({name: data.column(name) for name in data.schema.names})
    if kind == "ChunkedArray":
        return as_frame(data.to_numpy())
    if isinstance(data, Mapping):
        return as_frame(_from_columns(data))
    if isinstance(data, Sequence | np.ndarray) and not isinstance(data, str | bytes):
        return as_frame(_from_values(data))
    if hasattr(data, "to_frame") and not hasattr(data, "columns"):  # a series of pandas or Polars
        name = getattr(data, "name", None)
        data = data.to_frame(VALUES) if name in (None, "") else data.to_frame()
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        return _pandas(data)
    return data, {}


def _from_columns(columns: Mapping[Any, Any]) -> Any:
    named = {str(name): values for name, values in columns.items()}
    try:
        if library() == "pandas":
            import pandas as pd

            return pd.DataFrame(named)
        import polars as pl

        return pl.DataFrame(named)
    except (ValueError, TypeError) as error:
        raise InputError(f"the columns make no table: {error}") from None


def _from_values(values: Any) -> Any:
    if len(values) and isinstance(values[0], Mapping):
        return _from_columns({name: [row.get(name) for row in values] for name in values[0]})
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError("the rows of the list have different lengths: give a frame") from None
    if array.ndim == 1:
        return _from_columns({VALUES: array})
    if array.ndim != 2:
        raise InputError(
            f"an array of {array.ndim} dimensions is no table: give one of values [n], or [n, series]"
        )
    return _from_columns({f"{VALUES}{k}": column for k, column in enumerate(array.T)})


def _pandas(data: Any) -> tuple[Any, dict[str, str]]:
    index = data.index
    if any(n is not None for n in index.names) or (
        type(index).__name__ != "Index"
        and (hasattr(index, "to_pydatetime") or hasattr(index, "to_timestamp"))
    ):
        names = [n if n is not None else TIMES for n in index.names]
        data = data.rename_axis(index=names).reset_index()
    if not all(isinstance(c, str) for c in data.columns):
        data = data.set_axis([_name_of(c) for c in data.columns], axis=1)
    zones = {c: str(t.tz) for c, t in data.dtypes.items() if getattr(t, "tz", None) is not None}
    periods = [c for c, t in data.dtypes.items() if str(t).startswith("period")]
    changed = {c: data[c].dt.to_timestamp() for c in periods}
    changed |= {c: data[c].dt.tz_convert("UTC") for c in zones}
    return data.assign(**changed), zones


def _name_of(column: Any) -> str:
    """The name of a column; the parts of one of several levels with blanks between them."""
    parts = column if isinstance(column, tuple) else (column,)
    return " ".join(text for part in parts if (text := str(part)))
