"""Tables whose cells are whole sequences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier, load
from gatewise.tasks.classify.options import Options
from gatewise.tasks.sequences.ragged import Measurements, Tokens
from gatewise.tasks.sequences.source import Source, read_source
from tests.tasks.sequences.support import QUICK, waves

PARTS, LABELS = waves(24)
LISTS = [part[:, 0].tolist() for part in PARTS]


def read(table: Any, **options: Any) -> Source:
    return read_source(table, None, Options(wide=True, **({"label": "label"} | options)))


@pytest.mark.parametrize("library", ["pandas", "arrays", "polars", "parquet", "brackets", "blanks"])
def test_a_cell_is_a_sequence(library: str, tmp_path: Path) -> None:
    cells: list[Any] = LISTS
    if library == "arrays":
        cells = [np.array(row) for row in LISTS]
    elif library == "brackets":
        cells = [str(row) for row in LISTS]
    elif library == "blanks":
        cells = [" ".join(map(repr, row)) for row in LISTS]
    table: Any = pd.DataFrame({"label": LABELS, "x": cells, "other": np.arange(24)})
    if library == "polars":
        table = pl.DataFrame({"label": LABELS, "x": cells, "other": np.arange(24)})
    elif library == "parquet":
        table.to_parquet(tmp_path / "x.parquet")
        table = tmp_path / "x.parquet"
    elif library in ("brackets", "blanks"):
        table.to_csv(tmp_path / "x.csv", index=False)
        table = tmp_path / "x.csv"
    source = read(table)
    assert isinstance(source.sequences, Measurements) and source.sequences.channels == ("x",)
    for k, row in enumerate(LISTS):
        np.testing.assert_array_equal(source.sequences.one(k)[:, 0], row)
    assert source.y.tolist() == LABELS.tolist()
    assert source.notes == ("rows     a row is a whole sequence: the list in column 'x'",)


def test_several_columns_are_channels_and_none_is_missing() -> None:
    table = pd.DataFrame(
        {"label": LABELS, "a": LISTS, "b": [[None, -999, *row[2:]] for row in LISTS]}
    )
    source = read(table, missing=-999)
    assert source.sequences.channels == ("a", "b")
    assert np.isnan(source.sequences.values).sum() == 48
    nested = read(pd.DataFrame({"label": LABELS, "x": [part.tolist() for part in PARTS]}))
    np.testing.assert_array_equal(nested.sequences.one(3), PARTS[3])


def test_lists_of_words_are_tokens() -> None:
    table = pd.DataFrame({"label": ["a", "b"], "x": [["to", "be"], ["or"]]})
    source = read(table)
    assert isinstance(source.sequences, Tokens) and source.sequences.types == ("be", "or", "to")


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ([*LISTS[:-1], []], "column 'x', row 24: the list is empty"),
        ([*LISTS[:-1], None], "column 'x', row 24: the list is empty"),
        ([*map(str, LISTS[:-1]), "see notes"], "column 'x', row 24: 'see notes' is no list"),
        ([*LISTS[:-1], ["a", "b"]], "column 'x', row 24: the list holds what is no number"),
        ([*LISTS[:-1], [[1.0, 2.0]]], "steps of 1 and 2 values"),
    ],
    ids=["empty", "none", "text", "words", "nested"],
)
def test_other_cells_are_named(column: list[Any], message: str) -> None:
    table = pd.DataFrame({"label": LABELS, "x": column})
    with pytest.raises(InputError, match=message):
        read(table)


def test_lists_of_a_row_are_of_equal_length() -> None:
    table = pd.DataFrame({"label": LABELS, "a": LISTS, "b": [row[:-1] for row in LISTS]})
    with pytest.raises(InputError, match=r"row 1: column 'a' holds .* of equal length"):
        read(table)


def test_a_long_table_has_no_lists() -> None:
    table = pd.DataFrame({"id": range(24), "label": LABELS, "x": LISTS})
    with pytest.raises(InputError, match=r"holds a list in each cell.*add wide"):
        read_source(table, None, Options(id="id", label="label"))


def test_numbers_with_commas_and_few_numbers_are_no_lists() -> None:
    table = pd.DataFrame(
        {"label": LABELS, "v1": ["1,5"] * 24, "v2": ["2,5"] * 24, "d": ["1 2"] * 24}
    )
    assert read(table).sequences.lengths.tolist() == [2] * 24


def test_a_saved_model_reads_short_lists_too(tmp_path: Path) -> None:
    table = pd.DataFrame({"label": LABELS, "x": [str(row) for row in LISTS]})
    model = SequenceClassifier(wide=True, label="label", random_state=0, **QUICK).fit(table)
    model.save(tmp_path / "model")
    short = pd.DataFrame({"x": ["[0.1, 0.2]", "[0.3, 0.1]"]})
    assert list(load(tmp_path / "model").predict(short).columns) == ["row", "label", "probability"]
