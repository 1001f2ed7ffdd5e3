"""Files of the time series classification archive."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.ts_files import read_ts

HEAD = "#comment\n@problemName X\n@timeStamps false\n@classLabel true a b\n@data\n"


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.ts"
    path.write_text(text)
    return path


def test_ragged_sequences_with_missing_values(tmp_path: Path) -> None:
    file_read = read_ts(file(tmp_path, HEAD + "1,2,3:4,5,?:a\n\n7:8:b\n"))
    assert file_read.labels == ("a", "b") and file_read.sequences.lengths.tolist() == [3, 1]
    np.testing.assert_array_equal(file_read.sequences.one(0), [[1, 4], [2, 5], [3, np.nan]])


def test_a_channel_that_ends_early_goes_on_as_missing(tmp_path: Path) -> None:
    file_read = read_ts(file(tmp_path, HEAD + "1,2:3:a\n"))
    np.testing.assert_array_equal(file_read.sequences.one(0), [[1, 3], [2, np.nan]])


def test_without_labels(tmp_path: Path) -> None:
    file_read = read_ts(file(tmp_path, HEAD.replace("true a b", "false") + "1,2:3,4\n"))
    assert file_read.labels is None and file_read.sequences.one(0).shape == (2, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "not a .ts file"),
        (HEAD, "no sequences"),
        (HEAD + "1,x:a\n", "line 6: 'x' is not a number"),
        (HEAD + ":a\n", "line 6: the sequence has no values"),
        (HEAD + "1,2\n", "line 6: there is no label"),
        (HEAD + "1:2:a\n1:a\n", "line 7: it has 1 channels"),
        (HEAD.replace("timeStamps false", "timeStamps true"), "time stamps"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_ts(file(tmp_path, text))
