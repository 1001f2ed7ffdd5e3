"""The same data have the same digest, others have another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.tasks.data_digest import digest_of

FRAME = pd.DataFrame({"id": ["a", "b"], "y": [1.0, np.nan]})
DATA = [
    np.arange(6.0),
    np.arange(6.0).reshape(2, 3),
    np.arange(6),
    [np.arange(6.0)],
    [np.arange(3.0), np.arange(3.0, 6.0)],
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    np.array(["ab", "c"]),
    np.array(["ab", None], dtype=object),
    {"a": 1},
    {"a": 1.0},
    None,
    FRAME,
    FRAME.assign(y=[1.0, 2.0]),
    FRAME.rename(columns={"y": "z"}),
    pl.DataFrame({"id": ["a", "b"], "y": [1, 2]}),
    pd.Series([1.0, 2.0]),
    "no file of this name",
    "x" * 5000,
]


def test_other_data_have_another_digest() -> None:
    assert len({digest_of(data) for data in DATA}) == len(DATA)


@pytest.mark.parametrize("data", [np.arange(6.0), ["ab", "c"], FRAME, {"a": [1, "b"]}], ids=str)
def test_a_copy_has_the_same(data: object) -> None:
    copy = data.copy() if hasattr(data, "copy") else data
    assert digest_of(data) == digest_of(copy)
    assert digest_of(np.arange(12.0)[::2]) == digest_of(np.arange(12.0)[::2].copy())


def test_of_a_path_counts_what_lies_there(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    before = digest_of(file)
    file.write_text("a,b\n")
    of_file, folder = digest_of(str(file)), digest_of(tmp_path)
    assert before != of_file == digest_of(file)
    file.write_text("a,b\n1,2\n")
    assert digest_of(file) != of_file and digest_of(tmp_path) != folder
