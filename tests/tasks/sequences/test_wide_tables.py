"""Wide tables: a row is a whole sequence."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import SequenceClassifier, load
from gatewise.tasks.sequences.ragged import Measurements, Tokens
from gatewise.tasks.sequences.wide_tables import WideTable, read_wide
from tests.tasks.sequences.support import QUICK

STEPS = [f"q{k}" for k in range(1, 6)]
VALUES = np.arange(20.0).reshape(4, 5)
TABLE = pd.DataFrame(VALUES, columns=STEPS).assign(
    name=["a", "b", "c", "d"], label=["x", "y"] * 2, who=["p", "p", "r", "r"]
)
REVIEWS = pd.DataFrame(
    {
        "number": [7, 8, 9],
        "text": ["what a day", "not my day at all", "so and so, as ever"],
        "label": ["good", "bad", "bad"],
    }
)


def read(table: Any, **changes: Any) -> WideTable:
    names = {"id": "name", "labels": ("label",), "group": "who", "values": None}
    return read_wide(table, **(names | changes))


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "csv"])
def test_a_row_is_a_sequence(library: str, tmp_path: Path) -> None:
    table: Any = TABLE
    if library == "csv":
        table = tmp_path / "x.csv"
        TABLE.to_csv(table, index=False)
    elif library != "pandas":
        table = pl.from_pandas(TABLE) if library == "polars" else pl.from_pandas(TABLE).to_arrow()
    wide = read(table)
    assert isinstance(wide.sequences, Measurements)
    assert wide.ids == ("a", "b", "c", "d") and wide.columns == tuple(STEPS)
    assert wide.labels.tolist() == ["x", "y"] * 2 and wide.groups.tolist() == ["p", "p", "r", "r"]
    for k, row in enumerate(VALUES):
        np.testing.assert_array_equal(wide.sequences.one(k)[:, 0], row)
    assert "5 columns 'q1' to 'q5'" in wide.note


def test_what_is_missing_at_the_end_is_no_step() -> None:
    table = TABLE.copy()
    table.loc[1, ["q2", "q4", "q5"]] = np.nan
    wide = read(table, id=None)
    assert isinstance(wide.sequences, Measurements)
    assert wide.sequences.lengths.tolist() == [5, 3, 5, 5] and wide.ids == ("1", "2", "3", "4")
    np.testing.assert_array_equal(wide.sequences.one(1)[:, 0], [5, np.nan, 7])
    assert "each to its last value" in wide.note


def test_a_column_of_texts_is_read_beside_a_number() -> None:
    wide = read(REVIEWS, id=None, group=None)
    assert wide.sequences == REVIEWS.text.tolist() and wide.columns == ("text",)
    # a column of single words is not
    assert read(REVIEWS.assign(text=["a", "b", "c"]), id=None, group=None).columns == ("number",)


def test_columns_of_words_are_tokens() -> None:
    table = TABLE.assign(**{name: ["yes", "no", "yes", None] for name in STEPS[1:3]}, q1="no")
    wide = read(table, values=STEPS[:3])
    assert isinstance(wide.sequences, Tokens) and wide.sequences.types == ("no", "yes")
    assert wide.sequences.lengths.tolist() == [3, 3, 3, 1]
    assert wide.sequences.one(0).tolist() == [0, 1, 1]
    with pytest.raises(InputError, match=r"3 of words.*name those that are the steps"):
        read(table.drop(columns=STEPS[3:]))


def test_columns_of_training_are_taken_by_their_names() -> None:
    later = TABLE.assign(age=3.0)[["age", *reversed(STEPS), "name", "who", "label"]]
    with pytest.warns(InputWarning, match="column 'age' is not read"):
        wide = read(later, known=STEPS)
    assert wide.columns == tuple(STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(TABLE.drop(columns="q5"), known=STEPS).columns == tuple(STEPS[:-1])


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (TABLE.assign(q3="x"), {"values": STEPS}, "column 'q3', row 1"),
        (TABLE.assign(**dict.fromkeys(STEPS)), {"values": STEPS}, "row 1: columns 'q1', 'q2'"),
        (TABLE.assign(name=["a", None, "c", "d"]), {}, "row 2: the name is missing"),
        (TABLE.assign(label=["x", None, "x", "y"]), {}, "empty for sequence 'b'"),
        (TABLE, {"values": ["label"]}, "'label' is the label"),
        (TABLE, {"values": ["q9"]}, "no column 'q9'"),
        (REVIEWS.assign(text=["a b c", None, "d e f"]), {"id": None, "group": None}, "the text is"),
    ],
)
def test_bad_tables_are_refused(table: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        read(table, **changes)


def test_from_a_wide_table_to_answers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    fast = np.arange(40) % 2 == 0
    phase = rng.uniform(0, 6, 40)[:, None] + np.arange(12) * np.where(fast, 2.0, 0.4)[:, None]
    table = pd.DataFrame(np.sin(phase), columns=[f"t{k}" for k in range(12)])
    table["kind"] = np.where(fast, "fast", "slow")
    table["who"] = [f"r{k}" for k in range(40)]
    model = SequenceClassifier(wide=True, id="who", label="kind", random_state=0, **QUICK)
    model.fit(table).save(tmp_path / "m")
    answers = load(tmp_path / "m").predict(table.drop(columns="kind"))
    assert answers.columns.tolist() == ["who", "kind", "probability"]
    assert answers.who.tolist() == table.who.tolist()
    assert (answers.kind == table.kind).mean() > 0.9


def test_an_order_of_steps_is_refused() -> None:
    model = SequenceClassifier(wide=True, label="label", order="q1")
    with pytest.raises(InputError, match="leave order away"):
        model.plan(TABLE)


def test_texts_of_a_table_are_texts(tmp_path: Path) -> None:
    words = ["a fine day, really", "a dull and grey evening"]
    table = pd.DataFrame(
        {"text": [f"{words[k % 2]} {k}" for k in range(24)], "kind": ["+", "-"] * 12}
    )
    table["who"] = [f"r{k}" for k in range(24)]
    options = QUICK | {"steps": 20, "group": "who"}
    model = SequenceClassifier(wide=True, label="kind", random_state=0, **options)
    model.fit(table).save(tmp_path / "m")
    assert load(tmp_path / "m").predict(table[["text"]]).kind.tolist() == table.kind.tolist()
