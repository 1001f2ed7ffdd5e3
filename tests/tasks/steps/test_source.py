"""Tables of steps: what puts them in order, where rows are missing, what is said of them."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pandas as pd
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.steps.source import StepSource, read_steps
from gatewise.tasks.tag.options import Options

COUNT = 60
TABLE = pd.DataFrame(
    {
        "time": pd.date_range("2024-03-01 23:00", periods=COUNT, freq="250ms").astype(str),
        "x": np.sin(np.arange(COUNT)),
        "state": np.where(np.arange(COUNT) % 9 < 3, "run", "walk"),
    }
)


def read(table: pd.DataFrame, **options: object) -> StepSource:
    columns = {"order": "time", "label": "state"} | options
    return read_steps(table, None, Options(**columns))


def test_times_of_day_keep_their_fractions() -> None:
    clock = TABLE.assign(time=TABLE.time.str[11:])
    source = read(clock)
    np.testing.assert_array_equal(source.sequences.one(0)[:, 0], TABLE.x)
    with pytest.raises(InputError, match="go back near row"):
        read(clock.sample(frac=1, random_state=0))
    assert read(TABLE.sample(frac=1, random_state=0)).notes[1:] == ()


def test_times_of_day_of_several_recordings() -> None:
    both = pd.concat([TABLE.assign(who="b"), TABLE.assign(who="a")])
    both["time"] = both.time.str[11:]
    assert read(both, id="who").sequences.lengths.tolist() == [COUNT, COUNT]


@pytest.mark.parametrize(
    ("gaps", "note"),
    [
        ([], None),
        ([30], "column 'time' jumps before row 31; the steps on both sides"),
        ([20, 40], "column 'time' jumps before row 21 and in 1 more places;"),
    ],
)
def test_missing_rows_are_named(gaps: list[int], note: str | None) -> None:
    later = np.zeros(COUNT)
    for gap in gaps:
        later[gap:] += 5
    notes = read(TABLE.assign(time=np.arange(COUNT) + later)).notes[1:]
    assert notes == () if note is None else re.search(re.escape(note), notes[0])


def test_uneven_times_are_no_missing_rows() -> None:
    times = np.cumsum(np.random.default_rng(0).exponential(1.0, COUNT))
    assert read(TABLE.assign(time=times)).notes[1:] == ()


def test_truth_values_are_kept() -> None:
    assert read(TABLE.assign(state=TABLE.state == "run")).y.dtype == np.bool_


def test_codes_of_missing_values_are_named() -> None:
    values = TABLE.x.where(np.arange(COUNT) % 20 != 3, -999)
    with pytest.warns(InputWarning, match="column 'x': -999 is there 3 times, far from all other"):
        read(TABLE.assign(x=values))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(TABLE.assign(x=TABLE.x.where(np.arange(COUNT) != 3, 7.5)))  # an event


def test_codes_are_missing_where_a_person_says_so() -> None:
    gaps = np.arange(COUNT) % 20 == 3
    table = TABLE.assign(x=TABLE.x.where(~gaps, -999), level=np.where(gaps, -999, 0))
    source = read(table, missing=-999, label="level", values="x")
    np.testing.assert_array_equal(np.isnan(source.sequences.values[:, 0]), gaps)
    np.testing.assert_array_equal(np.isnan(source.y), gaps)  # a step without a label
    assert f"missing  {gaps.sum()} of {COUNT} values" in source.describe()
    zeros = read(table, missing=[0, -999], label="level", values="x")
    np.testing.assert_array_equal(np.isnan(zeros.y), gaps)  # 0 is a label


def test_an_id_of_two_columns() -> None:
    table = TABLE.assign(a=np.arange(COUNT) // 30, b=np.arange(COUNT) // 15 % 2)
    source = read(table, id="a,b")
    assert source.sequences.channels == ("x",)  # and neither of the two
    assert source.notes[0] == "columns  'x'"
    assert source.ids == ("0 / 0", "0 / 1", "1 / 0", "1 / 1")
