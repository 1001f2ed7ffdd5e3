"""Figures against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, log_loss

from gatewise.tasks.sequences.class_figures import confusion, format_table, ordered, row_of


def test_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth, probability = rng.integers(0, 4, 60), rng.dirichlet(np.ones(4), 60)
    answer = probability.argmax(1)
    row = row_of("x", truth, answer, 4, probability)
    assert row.accuracy == pytest.approx((truth == answer).mean())
    assert row.balanced == pytest.approx(balanced_accuracy_score(truth, answer))
    assert row.macro_f1 == pytest.approx(f1_score(truth, answer, average="macro"))
    assert row.log_loss == pytest.approx(log_loss(truth, probability))
    table = confusion(truth, answer, 4).toarray()
    np.testing.assert_array_equal(table, confusion_matrix(truth, answer))


def test_a_class_that_does_not_occur_does_not_count() -> None:
    row = row_of("x", np.array([0, 0, 1]), np.array([0, 0, 1]), 3)
    assert row.balanced == row.macro_f1 == 1.0 and row.log_loss is None


def test_the_best_stands_first() -> None:
    truth = np.array([0, 1])
    rows = ordered([row_of("bad", truth, np.array([1, 0]), 2), row_of("good", truth, truth, 2)])
    assert [row.name for row in rows] == ["good", "bad"]
    assert "100.0 %" in format_table(rows)[1]
