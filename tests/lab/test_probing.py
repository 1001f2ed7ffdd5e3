"""Probes of the agreement network, and exploding gradients with and without clipping."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import gatewise as gw
from gatewise.errors import InputError
from gatewise.lab import probing
from gatewise.lab.exploding import explode


@pytest.fixture(scope="module")
def probed() -> probing.Probed:
    return probing.probe(gw.cells.lstm, 1, [0, 1], 0.3)


def test_probes_have_a_control_at_every_place(probed: probing.Probed, tmp_path: Path) -> None:
    shape = (2, len(probed.words))
    for values in (probed.gender, probed.number, probed.control_gender, probed.control_number):
        assert values.shape == shape
        assert ((values >= 0) & (values <= 1)).all()
    assert probed.words[probed.possessive] in ("his", "her", "their")
    assert probed.words[probed.verb] in ("is", "are")
    # the words themselves tell: right after the subject, the possessive and the verb, even without training
    assert probed.control_gender[:, 0].min() > 0.9
    assert probed.control_number[:, probed.verb].min() > 0.9
    probing.plot(probed).savefig(tmp_path / "probes.svg")


def test_the_verdict_is_that_of_the_numbers(probed: probing.Probed) -> None:
    guess = np.full_like(probed.gender, 0.5)
    sure = np.full_like(probed.gender, 0.99) + np.array([[0.0], [0.005]])
    one = probing.Probed(
        probed.words,
        probed.possessive,
        probed.verb,
        sure,
        guess,
        guess + np.array([[0.0], [0.01]]),
        guess,
    )
    gender, number = one.verdicts()
    assert gender.endswith("retained") and number.endswith("released")


def test_exploding_gradients_are_caught_by_clipping() -> None:
    """Norm of the derivative at lag 1000: 10^18; without clipping the loss leaves the range of sense at once."""
    one = explode(updates=20)
    assert 14 < one.norms[-1] < 22
    assert len(one.clipped) == 20 and max(one.clipped) < 10
    assert len(one.free) < 20 or max(one.free) > 1e3 or not math.isfinite(one.free[-1])
    assert one.largest > 6
    with pytest.raises(InputError, match="gain"):
        explode(gain=0)
