"""Labels and groups of long tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputError, InputWarning
from tests.tasks.sequences.test_tables import TABLE, read


@pytest.mark.parametrize("library", ["pandas", "csv"])
def test_truth_values_are_labels(library: str, tmp_path: Path) -> None:
    table: Any = TABLE.assign(label=TABLE.id.isin(["s01", "s04"]))
    if library == "csv":
        table.to_csv(tmp_path / "x.csv", index=False)
        table = tmp_path / "x.csv"
    labels = read(table).labels
    assert labels.dtype == np.bool_ and labels.sum() == 2


@pytest.mark.parametrize("column", ["label", "grade"])
def test_what_is_said_may_stand_in_one_row_of_a_sequence(column: str) -> None:
    table = TABLE.assign(grade=TABLE.id.str[1:].astype(int) % 3)
    blank = table.assign(**{column: table[column].astype(object).where(table.t == 2)})
    expected = read(table, labels=(column,)).labels
    labels = read(blank, labels=(column,)).labels
    assert labels.dtype == expected.dtype and labels.tolist() == expected.tolist()


def test_a_column_that_is_the_label_is_named() -> None:
    table = TABLE.assign(code=(TABLE.label == "fast") * 5.0)
    with pytest.warns(
        InputWarning, match="column 'code' never changes within a sequence and tells 'label'"
    ):
        read(table, values=["a", "code"])


def test_a_label_that_is_needed_names_the_nearest_column() -> None:
    with pytest.raises(InputError, match=r"no column 'lable'\. Did you mean 'label'"):
        read(TABLE, labels=("lable",), needed=True)
    assert read(TABLE, labels=("lable",), values=["a", "b"]).labels is None
