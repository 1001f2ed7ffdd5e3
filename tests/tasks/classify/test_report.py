"""The report of a classifier: everything of the data is escaped, nothing is left out."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd

from gatewise.tasks import SequenceClassifier
from tests.tasks.sequences.support import QUICK, long_table

HOSTILE = "<script>alert(1)</script>"


def test_names_of_the_data_are_escaped() -> None:
    table = long_table(20)
    table["label"] = np.where(table.label == "fast", HOSTILE, "slow & low")
    table["id"] = table.id + "<b>"
    columns = {"id": "id", "order": "t", "label": "label", "values": ["a", "b"]}
    model = SequenceClassifier(**{**QUICK, "steps": 5}, **columns, random_state=0).fit(table)
    page = model.report(HOSTILE)
    assert "<script" not in page
    root = ET.fromstring(page.removeprefix("<!DOCTYPE html>"))
    text = "".join(root.itertext())
    assert HOSTILE in text and "slow & low" in text and "<b>" in text
    assert "1-NN DTW" in text and "Error by length" in text and "integrated gradients" in text


def test_tokens_have_evidence_too() -> None:
    words = ["ab", "ba", "abb", "bab", "aab", "bba"] * 2
    words = [word + "ab"[k % 2] * (k // 6 + 1) for k, word in enumerate(words)]
    model = SequenceClassifier(**{**QUICK, "steps": 3}, random_state=0)
    page = model.fit(words, np.arange(12) % 2).report()
    assert page.count("<svg") >= 3


def test_many_classes_name_their_mistakes_instead_of_a_table() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((75, 4)))
    y = np.repeat(np.arange(25), 3)
    page = SequenceClassifier(**{**QUICK, "steps": 2}, random_state=0).fit(X, y).report()
    assert "taken for" in page and "<th>24</th>" not in page
