"""Rows of numbers without a line of names, as the UCR archive has them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier
from gatewise.tasks.sequences.ucr_files import is_ucr, read_ucr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.tsv", "1\t0.5\t1.5\t2\n2\t3\tNaN\tNaN\n\n-1\tNaN\t7\t8\n"),
        ("x.txt", "  1.0000000e+00   5.0e-01 1.5 2\n 2 3 NaN NaN\n -1 nan 7 8"),
        ("x.txt", "1,0.5,1.5,2\n2,3,NaN,NaN\n-1,NaN,7,8\n"),
    ],
)
def test_the_first_number_is_the_class(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert is_ucr(path)
    file = read_ucr(path)
    assert file.labels == ("1", "2", "-1") and file.sequences.lengths.tolist() == [3, 1, 3]
    np.testing.assert_array_equal(file.sequences.one(0)[:, 0], [0.5, 1.5, 2])
    np.testing.assert_array_equal(file.sequences.one(2)[:, 0], [np.nan, 7, 8])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "1,2,3,4\n"),  # where the class stands is not known
        ("x.txt", "it was a dark and stormy night\n"),
        ("x.txt", "12 34\n"),
        ("x.tsv", "id\tt\tx\tlabel\n1\t2\t3\t4\n"),
        ("x.txt", ""),
    ],
)
def test_other_files_are_none(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert not is_ucr(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [("1 2 x 4", "line 2: 'x' is not a number"), ("nan 2 3 4", "line 2: it needs a class")],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(f"1 2 3 4\n{line}\n")
    with pytest.raises(InputError, match=message):
        read_ucr(path)


def test_a_classifier_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "x_TRAIN.tsv"
    rows = np.random.default_rng(0).standard_normal((12, 8))
    np.savetxt(path, np.c_[np.arange(12) % 2 + 1, rows], delimiter="\t")
    plan = SequenceClassifier(random_state=0).plan(path)
    assert plan.describe()[:2] == ["data     12 sequences of 8 steps", "classes  2: 1 6, 2 6"]
