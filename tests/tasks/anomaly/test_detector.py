"""``AnomalyDetector``: what is surprising is flagged and ranked, and what is usual is not."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks import AnomalyDetector
from gatewise.tasks.anomaly.scores import highest_usual, ranked, scores_of, usual_errors

QUICK = {"units": 8, "steps": 60, "batch": 8, "window": 64, "members": 1, "learning_rate": 0.02}


def wave(length: int = 600, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(length)
    return (np.sin(np.arange(length) * 0.3) + 0.03 * noise)[:, None]


@pytest.fixture(scope="module")
def detector() -> AnomalyDetector:
    return AnomalyDetector(random_state=0, **QUICK).fit([wave()])


def test_a_dropout_is_the_first_place_and_quiet_data_have_none(detector: AnomalyDetector) -> None:
    odd, truth = wave(seed=1), np.zeros(600)
    odd[400:404], truth[400:404] = 0.0, 1
    assert detector.predict([wave(seed=2)])[0].mean() < 0.01
    places = detector.events([odd])
    assert 400 <= places.peak[0] <= 406 and bool(places.flagged[0])
    evaluation = detector.evaluate([odd], [truth])
    assert evaluation.rows[0].hits == 1 and evaluation.rows[0].auc > 0.9


def test_a_step_is_flagged_from_the_threshold_on(detector: AnomalyDetector) -> None:
    odd = [wave(seed=1), wave(200, seed=2)]
    odd[0][400:404] = 0.0
    scores, flags = detector.score_samples(odd), detector.predict(odd)
    assert [len(of) for of in scores] == [600, 200]
    assert flags[0].sum() > 0
    for of, flag in zip(scores, flags, strict=True):
        np.testing.assert_array_equal(flag, of >= detector.threshold_)


def test_only_the_quiet_span_is_learned_from() -> None:
    x = wave()
    x[300:] = np.random.default_rng(0).standard_normal((300, 1)) * 3
    model = AnomalyDetector(quiet=[0, 300], random_state=0, **QUICK).fit([x])
    assert model.quiet_steps_ < 150
    flags = model.predict([x])[0]
    assert flags[300:].mean() > 0.2 > flags[:300].mean()
    labelled = AnomalyDetector(random_state=0, **QUICK).fit([x], [np.arange(600) >= 300])
    assert labelled.threshold_ == pytest.approx(model.threshold_, rel=1e-6)


def test_scores_are_in_usual_errors_and_missing_ones_do_not_count() -> None:
    errors = np.array([[1.0, np.nan], [-1.0, 2.0], [100.0, np.nan], [1.0, 2.0], [np.nan, np.nan]])
    usual = usual_errors(errors)
    np.testing.assert_allclose(usual, [1.4826, 2 * 1.4826])
    scores = scores_of(errors, usual, np.array([0, 5]), 1)
    np.testing.assert_allclose(scores * 1.4826, [1, 1, 100, 1, 0])
    smooth = scores_of(errors, usual, np.array([0, 2, 5]), 2)
    np.testing.assert_allclose(smooth * 1.4826, [0.5, 1, 50, 50.5, 0.5])


def test_an_anomaly_among_quiet_steps_does_not_set_the_threshold() -> None:
    scores = np.abs(np.random.default_rng(0).standard_normal(1000))
    usual = highest_usual(scores)
    assert usual == scores.max()
    scores[500:503] = 40.0
    assert highest_usual(scores) <= usual
    assert highest_usual(np.full(20, 3.0)) == 3.0


def test_places_are_apart_and_ranked() -> None:
    scores = np.zeros(300)
    scores[[40, 41, 200]] = 5, 4, 9
    places = ranked(scores, np.array([0, 150, 300]), 8.0, 5)
    assert [(p.rank, p.sequence, p.begin, p.end, p.flagged) for p in places] == [
        (1, 1, 50, 51, True),
        (2, 0, 40, 42, False),
    ]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"quiet": [5, 2]}, "quiet is"),
        ({"quiet": [900, 999]}, "no step is quiet"),
        ({"ahead": 0}, "ahead must"),
    ],
)
def test_bad_options(options: dict, match: str) -> None:
    with pytest.raises(InputError, match=match):
        AnomalyDetector(**{**QUICK, **options}).fit([wave()])


def test_labels_that_say_nothing(detector: AnomalyDetector) -> None:
    with pytest.raises(InputError, match="all steps have the label 0"):
        detector.evaluate([wave()], [np.zeros(600)])
    with pytest.raises(InputError, match="labels of anomalies"):
        detector.evaluate([wave()], [np.arange(600)])
    with pytest.raises(InputError, match="needs labels"):
        detector.evaluate([wave()])
