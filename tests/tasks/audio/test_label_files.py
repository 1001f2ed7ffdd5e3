"""Files of labels beside recordings: label tracks of Audacity, tables of segments and of times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.audio.label_files import Segment, label_file, read_track


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_label_track_of_audacity(tmp_path: Path) -> None:
    track = "0.5\t1.25\tyes\n\\\t100.0\t900.0\n\n2,5\t2,5\tclick of a door\n"
    got = read_track(written(tmp_path / "a.txt", track), ())
    assert got.segments == (Segment(0.5, 1.25, "yes"), Segment(2.5, 2.5, "click of a door"))
    assert read_track(written(tmp_path / "b.txt", ""), ()).segments == ()


@pytest.mark.parametrize(
    "table",
    ["start,end,label\n0.5,1.25,yes\n2,3,no\n", "Onset;Offset;Class\n0,5;1,25;yes\n2;3;no\n"],
)
def test_a_table_of_segments(tmp_path: Path, table: str) -> None:
    got = read_track(written(tmp_path / "a.csv", table), ())
    assert got.segments == (Segment(0.5, 1.25, "yes"), Segment(2.0, 3.0, "no"))


def test_a_table_of_times(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "time,pitch,voiced\n0,,no\n0.1,220,yes\n0.2,225,\n")
    got = read_track(path, ("pitch",))
    assert got.segments is None and got.times.tolist() == [0, 0.1, 0.2]
    np.testing.assert_array_equal(got.values, [np.nan, 220, 225])
    both = read_track(path, ("pitch", "voiced")).values
    assert both is not None and both.shape == (3, 2) and both[2, 1] is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "0.5\t1.0\tyes\n1.5 2.0 no\n", "line 2: a label track has"),
        ("a.txt", "1.5\t1.0\tyes\n", "line 1: a segment goes from"),
        ("a.txt", "-1\t1.0\tyes\n", "line 1: a segment goes from"),
        ("a.txt", "0\t1.0\t \n", "line 1: the segment has no label"),
        ("a.csv", "start,end,label\n1,2,a\n,3,b\n", "row 2"),
        ("a.csv", "start,end,what\n1,2,a\n2,3,b\n", "no column of labels"),
        ("a.csv", "first,label\n1,a\n2,b\n", "they need start, end and"),
        ("a.csv", "time,label\n1,a\n1,b\n", "row 2: times are seconds that ascend"),
        ("a.csv", "time,a,b\n1,1,2\n2,1,3\n", "name the column to learn"),
    ],
)
def test_what_is_no_label_file_says_where(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_track(written(tmp_path / name, text), ())


def test_the_file_beside_a_recording(tmp_path: Path) -> None:
    sound = written(tmp_path / "a.wav", "")
    assert label_file(sound) is None
    track = written(tmp_path / "a.txt", "")
    assert label_file(sound) == track
    written(tmp_path / "a.csv", "")
    with pytest.raises(InputError, match="keep one of them"):
        label_file(sound)
