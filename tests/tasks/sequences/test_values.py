"""Values of sequences: what stands for a missing one is read as missing, wherever sequences come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gatewise.errors import InputError, InputWarning, OptionError
from gatewise.tasks import SequenceClassifier, SequenceRegressor, load
from gatewise.tasks.classify.options import Options
from gatewise.tasks.sequences.inputs import as_sequences
from gatewise.tasks.sequences.options import words_of
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.source import read_source
from tests.tasks.sequences.support import QUICK, long_table, waves

TABLE = long_table(20)
GAPS = np.arange(len(TABLE)) % 7 == 3
COLUMNS = {"id": "id", "order": "t", "label": "label", "values": ("a", "b")}


def with_codes(code: Any) -> pd.DataFrame:
    return TABLE.assign(a=TABLE.a.astype(object).where(~GAPS, code))


def read(X: Any, **options: Any) -> Measurements:
    source = read_source(X, None, Options(**(COLUMNS | options)))
    assert isinstance(source.sequences, Measurements)
    return source.sequences


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        (-999.0, -999),
        (-999.0, "-999"),
        (-999.0, ("-999.0", "bad")),
        (-999.9, -999.9),
        ("bad", "BAD"),
        ("-", "-"),
        (1e35, 1e35),
        (np.inf, "inf"),
    ],
)
@pytest.mark.parametrize("library", ["pandas", "csv"])
def test_what_stands_for_a_missing_value_is_missing(
    code: Any, missing: Any, library: str, tmp_path: Path
) -> None:
    table: Any = with_codes(code)
    if library == "csv":
        table.to_csv(tmp_path / "x.csv", index=False)
        table = tmp_path / "x.csv"
    elif not isinstance(code, str):
        table = table.assign(a=table.a.astype(float))
    expected = TABLE.a.where(~GAPS).to_numpy()
    np.testing.assert_allclose(read(table, missing=missing).values[:, 0], expected, rtol=1e-12)


def test_single_precision_has_the_same_codes() -> None:
    table = pl.from_pandas(with_codes(-999.9).astype({"a": np.float32}))
    np.testing.assert_array_equal(np.isnan(read(table, missing=-999.9).values[:, 0]), GAPS)
    parts = [part.astype(np.float32) for part in waves(4)[0]]
    parts[2][1, 0] = -999.9
    data = as_sequences(parts, missing=("-999.9",))
    assert isinstance(data, Measurements) and np.isnan(data.values).sum() == 1


def test_a_code_that_nobody_named_is_told_with_its_option() -> None:
    with pytest.warns(InputWarning, match=r"column 'a': -999 .* missing=-999 \(--missing -999\)"):
        read(with_codes(-999.0).astype({"a": float}))
    parts = waves(8)[0]
    parts[3][2:4, 1] = 9999
    with pytest.warns(InputWarning, match="channel 1: 9999 is there 2 times"):
        as_sequences(parts)
    as_sequences(parts, missing=("9999",))  # no warning, which would be an error


def test_ids_places_and_usual_labels_stay_what_they_are() -> None:
    table = TABLE.assign(
        id=TABLE.id.str[1:].astype(int), label=(TABLE.label == "fast").astype(int), a=TABLE.a * GAPS
    )
    source = read_source(table, None, Options(**COLUMNS, missing=0))
    assert source.ids[0] == "0" and sorted(set(source.y.tolist())) == [0, 1]
    assert np.isnan(source.sequences.one(0)[0, 0])


def test_a_code_among_labels_that_nobody_named_is_told() -> None:
    table = TABLE.assign(level=TABLE.level.where(TABLE.id != "s03", -999))
    with pytest.warns(InputWarning, match="column 'level': -999 is there once"):
        read(table, label="level")


@pytest.mark.parametrize("missing", [-999, "-999.0"])
def test_a_label_that_looks_like_a_code_is_missing(missing: Any) -> None:
    table = TABLE.assign(level=TABLE.level.where(TABLE.id != "s03", -999))
    with pytest.raises(InputError, match="column 'level' is empty for sequence 's03'"):
        read(table, label="level", missing=missing)


def test_codes_at_the_end_of_a_wide_row_are_no_steps(tmp_path: Path) -> None:
    parts = waves(12, channels=1)[0]
    rows = np.full((12, 20), -999.0)
    for row, part in zip(rows, parts, strict=True):
        row[: len(part)] = part[:, 0]
    table = pd.DataFrame(rows).add_prefix("v").assign(label=list("ab") * 6)
    source = read_source(table, None, Options(wide=True, label="label", missing=-999))
    assert source.sequences.lengths.tolist() == [len(part) for part in parts]


def test_ts_and_ucr_files_have_them_too(tmp_path: Path) -> None:
    ts = tmp_path / "x.ts"
    ts.write_text("@classLabel true a b\n@data\n1,-999,3:a\n4,5:b\n")
    assert np.isnan(read(ts, missing=-999).values[:, 0]).tolist() == [0, 1, 0, 0, 0]
    rows = tmp_path / "x_TRAIN.tsv"
    rows.write_text("1\t0.5\t-999\t2\n2\t1\t2\t-999\n")
    source = read_source(rows, None, Options(missing=-999))
    assert np.isnan(source.sequences.values).sum() == 2 and source.y.tolist() == ["1", "2"]


def test_the_plan_counts_what_is_missing() -> None:
    source = read_source(with_codes(-999.0), None, Options(**COLUMNS, missing=-999))
    assert f"missing  {GAPS.sum()} of {2 * len(TABLE)} values" in source.describe()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ([None], "a number or a text, or a list of them, not"),
        (True, "a number or a text"),
        (float("nan"), "NaN is missing in any case"),
        ([1] * 101, "at most 100"),
    ],
)
def test_other_options_are_refused(missing: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        SequenceClassifier(missing=missing).fit(*waves(10))


def test_words_of_options() -> None:
    assert words_of(None) == () and words_of(-999.0) == ("-999",) and words_of(0.5) == ("0.5",)
    assert words_of(("x", -1)) == ("x", "-1")


def test_a_saved_model_reads_new_data_alike(tmp_path: Path) -> None:
    parts, labels = waves(20)
    model = SequenceClassifier(missing=[-999], random_state=0, **QUICK).fit(parts, labels)
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.missing == (-999,)
    coded = [part.copy() for part in parts]
    empty = [part.copy() for part in parts]
    for one, other in zip(coded, empty, strict=True):
        one[2], other[2] = -999, np.nan
    with pytest.warns(InputWarning, match="% of the values are missing"):
        expected = model.predict_proba(empty)
    with pytest.warns(InputWarning, match="% of the values are missing"):
        np.testing.assert_array_equal(again.predict_proba(coded), expected)


def test_streams_have_them_too() -> None:
    parts = waves(20)[0]
    means = np.array([part.mean() for part in parts])
    parts[0][1, 0] = parts[4][2, 1] = -999
    settings = QUICK | {"steps": 10}
    model = SequenceRegressor(missing=-999, streaming=True, random_state=0, **settings)
    stream = model.fit(parts, means).stream()
    answers = [stream.step(values).answer for values in parts[0]]
    assert abs(answers[-1] - model.predict(parts[:1])[0]) < 1e-6
