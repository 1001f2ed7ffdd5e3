"""Long tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.ragged import Tokens
from gatewise.tasks.sequences.tables import LongTable, read_long
from tests.tasks.sequences.support import long_table, waves

TABLE = long_table(8)


def read(table: Any, **changes: Any) -> LongTable:
    names = {"id": "id", "order": "t", "labels": ("label",), "group": None, "values": ["a", "b"]}
    return read_long(table, **(names | changes))


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "csv"])
def test_rows_in_any_order_are_the_same_sequences(library: str, tmp_path: Path) -> None:
    shuffled = TABLE.sample(frac=1, random_state=0)
    table: Any = shuffled
    if library == "csv":
        table = tmp_path / "x.csv"
        shuffled.to_csv(table, index=False)
    elif library != "pandas":
        frame = pl.from_pandas(shuffled)
        table = frame if library == "polars" else frame.to_arrow()
    table_read = read(table)
    parts, labels = waves(8)
    for k, name in enumerate(table_read.ids):
        number = int(name[1:])
        np.testing.assert_allclose(table_read.sequences.one(k), parts[number], rtol=1e-12)
        assert table_read.labels[k] == labels[number]
    assert table_read.sequences.channels == ("a", "b")


def test_a_column_of_texts_is_tokens() -> None:
    table = pd.DataFrame({"id": [1, 1, 2], "word": ["to", "be", "or"], "label": [0, 0, 1]})
    table_read = read(table, order=None, values=None)
    assert isinstance(table_read.sequences, Tokens) and table_read.sequences.types == (
        "be",
        "or",
        "to",
    )
    assert table_read.labels.tolist() == [0, 1] and table_read.labels.dtype == np.int64


def test_several_columns_name_a_sequence_together() -> None:
    number = TABLE.id.str[1:].astype(int)
    table = TABLE.assign(who="p" + (number // 4).astype(str), trial=number % 4)
    joined = read(table, id="who,trial")
    assert joined.ids[5] == "p1 / 1"
    read_columns = read(table.drop(columns=["id", "level"]), id="who,trial", values=None)
    assert read_columns.sequences.channels == ("a", "b")  # and not trial
    assert read_columns.note == "columns  'a', 'b'"
    assert (
        read(table.assign(c="on")).note
        == "columns  'a', 'b'; not read: 'level', 'who', 'trial', 'c'"
    )
    np.testing.assert_array_equal(joined.sequences.lengths, read(TABLE).sequences.lengths)


def changed(row: int, column: str, value: Any) -> pd.DataFrame:
    table = TABLE.astype(object)
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (TABLE, {"labels": ("Label",)}, "no column 'Label'. Did you mean 'label'"),
        (TABLE, {"id": "ids"}, "no column 'ids'. Did you mean 'id'"),
        (TABLE, {"labels": ("id",)}, "'id' is the id and cannot be the label too"),
        (TABLE, {"labels": ("t",)}, "'t' is the order and cannot be the label too"),
        (TABLE, {"order": "id"}, "'id' is the id and cannot be the order too"),
        (TABLE, {"values": ["a", "label"]}, "'label' is the label and cannot be an input"),
        (changed(3, "label", "other"), {}, "sequence 's00' has two values"),
        (changed(3, "t", 2), {}, "rows 3 and 4 are the same step"),
        (changed(3, "id", None), {}, "row 4: the id is missing"),
        (changed(3, "a", "x"), {}, "column 'a', row 4"),
        (changed(3, "a", "x"), {"values": ["a"]}, "column 'a', row 4: 'x' is not a number"),
        (changed(3, "t", None), {}, "row 4"),
        (
            TABLE.assign(label=np.where(TABLE.id == "s01", None, TABLE.label)),
            {},
            "empty for sequence 's01'",
        ),
        (TABLE[["id", "t", "label"]], {"values": None}, "no column of numbers"),
    ],
)
def test_bad_tables_are_refused(table: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(table, **changes)
