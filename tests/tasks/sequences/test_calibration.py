"""The temperature and the calibration error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from gatewise.tasks.sequences.calibration import (
    RANGE,
    best_temperature,
    calibration_error,
    log_loss,
    probabilities,
)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_is_found(temperature: float) -> None:
    rng = np.random.default_rng(0)
    honest = rng.standard_normal((20_000, 4))
    labels = np.array([rng.choice(4, p=p) for p in softmax(honest, -1)])
    estimate = best_temperature(honest * temperature, labels)
    assert estimate == pytest.approx(temperature, rel=0.05)
    assert calibration_error(probabilities(honest * temperature, estimate), labels) < 0.02


def test_right_answers_alone_give_no_certainty() -> None:
    logits = np.eye(3)[[0, 1, 2] * 4] * 5.0
    estimate = best_temperature(logits, np.array([0, 1, 2] * 4))
    assert RANGE[0] < estimate < 5 and probabilities(logits, estimate).max() < 0.999


def test_log_loss_is_weighted() -> None:
    logits, labels = np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([0, 0])
    each = -log_softmax(logits, -1)[:, 0]
    assert log_loss(logits, labels, np.array([3.0, 1.0])) == pytest.approx(
        (3 * each[0] + each[1]) / 4
    )


def test_the_calibration_error_of_a_known_case() -> None:
    sure = np.array([[0.9, 0.1]] * 10)
    assert calibration_error(sure, np.array([0] * 6 + [1] * 4)) == pytest.approx(0.3)
    assert calibration_error(np.array([[1.0, 0.0]]), np.array([0])) == 0.0


@pytest.mark.parametrize("classes", [2, 100, 10_000])
def test_rows_of_probabilities_add_up_to_one(classes: int) -> None:
    logits = np.random.default_rng(0).standard_normal((3, classes)) * 50
    total = probabilities(logits, 0.3).sum(-1)
    np.testing.assert_allclose(total, 1.0, rtol=1e-12)


def test_a_temperature_of_many_classes_is_fitted_to_some_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2000, 3000)
    logits = rng.standard_normal((3000, 2000))
    logits[np.arange(3000), labels] += 8
    some = slice(None, None, 6)
    assert best_temperature(logits, labels) == best_temperature(logits[some], labels[some])
