"""Every generator against its definition, and against a second reading of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gatewise import lab
from gatewise.errors import InputError
from gatewise.lab.batch import Batch
from gatewise.lab.experiments import agreement
from gatewise.lab.experiments.reber import SYMBOLS
from tests.lab import readings

B = 200


def batch_of(name: str, **fields: Any) -> tuple[Any, Batch]:
    experiment = lab.make(name, "full", fields).prepare(np.random.default_rng(1))
    return experiment, experiment.batch(np.random.default_rng(0), B)


def sequences(batch: Batch) -> list[Any]:
    lengths = batch.lengths if batch.lengths is not None else [len(batch.inputs)] * batch.size
    return [batch.inputs[: int(n), row].tolist() for row, n in enumerate(lengths)]


def answers(batch: Batch, row: int) -> dict[int, Any]:
    at = np.flatnonzero(batch.rows == row)
    return {int(batch.steps[k]): batch.targets[k].tolist() for k in at}


SIX_A, SIX_B = ((10, 20), (50, 60)), ((10, 20), (33, 43), (66, 76))
READINGS: list[tuple[str, dict[str, Any], Callable[[Any], Any]]] = [
    ("adding", {"T": 31}, lambda x: readings.adding(x, 31)),
    ("adding97", {"T": 60}, lambda x: readings.adding97(x, 60)),
    ("multiplication", {"T": 60}, lambda x: readings.adding97(x, 60, product=True)),
    ("2a", {"T": 12}, lambda x: readings.noise_free(x, 12)),
    ("2b", {"T": 12}, lambda x: readings.random_middle(x, 12)),
    ("2c", {"T": 40, "kinds": 7}, lambda x: readings.long_lag(x, 40, 7)),
    ("3a", {"T": 40, "N": 3}, lambda x: readings.two_sequence(x, 40, 3)),
    ("6a", {"T": 100}, lambda x: readings.order(x, 100, SIX_A)),
    ("6b", {"T": 100}, lambda x: readings.order(x, 100, SIX_B)),
    ("anbn", {"T": 6}, lambda x: readings.counting(x, 2)),
    ("anbncn", {"T": 6}, lambda x: readings.counting(x, 3)),
]


@pytest.mark.parametrize(("name", "fields", "reading"), READINGS, ids=[r[0] for r in READINGS])
def test_a_second_reading_answers_the_same(name: str, fields: dict[str, Any], reading: Any) -> None:
    _, batch = batch_of(name, **fields)
    for row, sequence in enumerate(sequences(batch)):
        expected, asked = reading(sequence), answers(batch, row)
        assert asked.keys() == expected.keys()
        for step, answer in expected.items():
            assert np.allclose(asked[step], answer, atol=1e-6), (name, row, step)


def test_readings_refuse_other_sequences() -> None:
    with pytest.raises(ValueError):
        readings.adding([[0.5, 1.0]] * 4, 4)
    with pytest.raises(ValueError):
        readings.embedded_reber("BTBTXSEPE")
    with pytest.raises(ValueError):
        readings.counting([0, 1, 1, 2], 2)


def test_reber_words() -> None:
    experiment, batch = batch_of("reber", words=64)
    train, test = experiment._train, experiment._test
    assert len({w for w, _ in train} | {w for w, _ in test}) == 128  # all different
    for row, sequence in enumerate(sequences(batch)):
        at = np.flatnonzero(batch.rows == row)
        text = "".join(SYMBOLS[s] for s in sequence) + SYMBOLS[batch.targets[at[-1]]]
        following = readings.embedded_reber(text)
        for step, k in enumerate(at):
            assert {SYMBOLS[i] for i in np.flatnonzero(batch.legal[k])} == following[step]  # type: ignore[index]
            assert SYMBOLS[batch.targets[k]] == text[step + 1]


def test_reber_criterion() -> None:
    experiment, batch = batch_of("reber", words=16)
    legal = np.asarray(batch.legal)
    assert not experiment.wrong(legal * 2 - 1, batch).any()
    swapped = legal.copy()
    swapped[0] = 1 - legal[0]
    assert experiment.wrong(swapped, batch).sum() == 1
    assert experiment.wrong(np.zeros_like(legal), batch).all()  # a tie is not right


def test_continual_reber_is_words_without_end() -> None:
    experiment = lab.make("continual-reber")
    stream = experiment.stream(np.random.default_rng(0))
    text, legal = "", []
    for _ in range(3000):
        symbol, target = next(stream)
        text += SYMBOLS[symbol]
        legal.append({SYMBOLS[k] for k in np.flatnonzero(target)})
    start = 0
    while (end := text.find("EB", start)) >= 0:
        # inside of a word "EB" stands only where one word ends; the embedded word has an E of its own before its last T or P
        following = readings.embedded_reber(text[start : end + 1])
        assert legal[start:end] == following[:-1]
        assert legal[end] == {"B"}
        start = end + 1
    assert start > 2000


def test_long_lag_has_the_lengths_of_the_definition() -> None:
    experiment = lab.make("2c", fields={"T": 20, "kinds": 4})
    random = np.random.default_rng(0)
    more = [len(experiment.batch(random, 1).inputs) - 23 for _ in range(3000)]
    assert min(more) == 0
    assert abs(np.mean(more) - 9) < 0.7  # 0.9 / 0.1
    assert abs(np.mean(np.array(more) == 0) - 0.1) < 0.02


def test_variances_of_the_two_sequence_problem() -> None:
    _, clean = batch_of("3a", T=100, N=3)
    assert abs(clean.inputs[10:100].var() - 0.2) < 0.01
    assert set(np.unique(clean.inputs[:3])) == {-1.0, 1.0}
    _, noisy = batch_of("3b", T=100, N=3)
    sign = np.where(noisy.targets[:, 0] == 1, 1.0, -1.0)
    rest = noisy.inputs[:3, :, 0] - sign
    assert abs(rest.var() - 0.2) < 0.04 and abs(rest.mean()) < 0.06
    experiment, targets = batch_of("3c", T=100, N=3)
    clean_targets = np.where(targets.inputs[0, :, 0] > 0, 0.2, 0.8)
    assert abs((targets.targets[:, 0] - clean_targets).var() - 0.1) < 0.03
    assert not experiment.wrong(clean_targets[:, None], targets).any()
    assert experiment.wrong(clean_targets[:, None] + 0.11, targets).all()


def test_copy() -> None:
    _, batch = batch_of("copy", T=15, count=4)
    for row, sequence in enumerate(sequences(batch)):
        asked = answers(batch, row)
        assert [asked[t] for t in range(19, 23)] == readings.copy(sequence, 15, 4)
        assert all(asked[t] == 8 for t in range(19))
    assert batch.judged is not None and batch.judged.sum() == 4 * B
    _, recalled = batch_of("copy", T=15, count=4, recalled=True)
    assert len(recalled.targets) == 4 * B
    assert np.array_equal(recalled.inputs, batch.inputs)


def test_selective_copy() -> None:
    _, batch = batch_of("selective-copy", T=20, count=3)
    for row, sequence in enumerate(sequences(batch)):
        asked = answers(batch, row)
        assert [asked[t] for t in (21, 22, 23)] == readings.selective_copy(sequence, 20, 3)


@pytest.mark.parametrize("name", ["msd", "gts"])
def test_spikes(name: str) -> None:
    stream = lab.make(name, fields={"T": 7, "choices": 3}).stream(np.random.default_rng(0))
    steps = [next(stream) for _ in range(2000)]
    if name == "msd":
        spikes = [t for t, (x, _) in enumerate(steps) if x == [1.0]]
        for before, at in pairwise(spikes):
            assert steps[at][1] == at - before - 7
        assert all(target is None for t, (_, target) in enumerate(steps) if t not in spikes[1:])
    else:
        spikes = [t for t, (_, target) in enumerate(steps) if target == 1]
        for before, at in pairwise(spikes):
            told = {steps[t][0][0] for t in range(before + 1, at + 1)}
            assert told == {at - before - 7}
    intervals = Counter(b - a - 7 for a, b in pairwise(spikes))
    assert set(intervals) == {0, 1, 2}
    assert min(intervals.values()) > 0.2 * sum(intervals.values())


def test_one_delay() -> None:
    _, batch = batch_of("nmsd", T=6, choices=2)
    for row, sequence in enumerate(sequences(batch)):
        (spike,) = [t for t, x in enumerate(sequence) if x == [1.0]]
        assert spike == len(sequence) - 1
        assert answers(batch, row) == {spike: [spike + 1 - 6]}


def test_periodic_functions() -> None:
    values = {
        shape: [lab.make("pfg", fields={"T": 8, "shape": shape}).value(t) for t in range(24)]
        for shape in ("cosine", "triangle", "square")
    }
    for of_shape in values.values():
        assert np.allclose(of_shape[:8], of_shape[8:16])
        assert max(of_shape) == 1.0 and min(of_shape) == pytest.approx(-1.0)
    assert values["cosine"][2] == pytest.approx(0.0, abs=1e-12)
    assert values["triangle"][:5] == [1.0, 0.5, 0.0, -0.5, -1.0]
    assert values["square"][:8] == [1.0] * 4 + [-1.0] * 4


def test_sentences_agree() -> None:
    random = np.random.default_rng(0)
    gaps = set()
    for _ in range(300):
        one = agreement.sentence(random, 2)
        subject = one.words[0]
        plural = subject in ("Greeks", "Swedes", "Danes")
        feminine = subject in ("Anna", "Mary", "Ruth")
        possessive = "their" if plural else "her" if feminine else "his"
        assert one.words[one.possessive] == possessive
        assert one.words[one.verb] == ("are" if plural else "is")
        assert one.words[-1] == "."
        assert sum(w in ("his", "her", "their") for w in one.words) == 1
        gaps.add(one.verb - one.possessive)
    assert gaps == {4, 7, 10}  # none, one, two distractor phrases of three words


def test_digits_are_split_once() -> None:
    experiment, batch = batch_of("digits", T=64)
    images = experiment._images
    assert len(images["x_train"]) + len(images["x_test"]) == 1797
    assert batch.inputs.shape == (64, B, 1) and 0 <= batch.inputs.min() <= batch.inputs.max() == 1
    permuted, _ = batch_of("permuted-digits", T=64)
    assert np.array_equal(np.sort(permuted._images["x_test"]), np.sort(images["x_test"]))
    assert not np.array_equal(permuted._images["x_test"], images["x_test"])


def test_upsampled_digits_have_784_pixels() -> None:
    _, batch = batch_of("digits", T=784)
    assert batch.inputs.shape == (784, B, 1)


def test_mnist_from_a_file(tmp_path: Any) -> None:
    path = tmp_path / "mnist.npz"
    x = np.arange(4 * 784, dtype=np.uint8).reshape(4, 28, 28)
    np.savez(path, x_train=x, y_train=np.arange(4), x_test=x[:2], y_test=np.arange(2))
    _, batch = batch_of("digits", T=784, file=str(path))
    assert np.allclose(batch.inputs[:, 0, 0] * 255, x[batch.targets[0]].reshape(-1))
    with pytest.raises(InputError, match="cannot read"):
        batch_of("digits", T=784, file=str(tmp_path / "other.npz"))
    np.savez(path, x_train=x)
    with pytest.raises(InputError, match="lacks y_train"):
        batch_of("digits", T=784, file=str(path))


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("adding97", {"T": 10}, "at least 26"),
        ("2c", {"T": 0}, "at least 1"),
        ("3a", {"T": 5, "N": 6}, "do not fit"),
        ("digits", {"T": 100}, "64 or 784"),
        ("selective-copy", {"T": 8, "count": 16}, "do not fit"),
        ("pfg", {"shape": "sawtooth"}, "cosine, triangle, square"),
        ("copy", {"T": True}, "whole number"),
        ("2c", {"kind": 3}, "Did you mean 'kinds'"),
        ("adding", {"T": "100"}, "whole number"),
        ("anbn", {"T": 20, "reach": 5}, "reach"),
        ("nmsd", {"choices": 1}, "choices must be at least 2"),
        ("2a", {"T": 10, "kinds": 3}, "kinds=3 is too few"),
        ("2b", {"kinds": -1}, "kinds must be at least 1"),
    ],
)
def test_numbers_out_of_range(name: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        lab.make(name, fields=fields)


def test_unknown_experiment() -> None:
    with pytest.raises(InputError, match="Did you mean 'adding'"):
        lab.make("addings")


def test_the_same_seed_gives_the_same_data() -> None:
    for name in lab.names():
        one, two = (
            next(
                lab.make(name, "small")
                .prepare(np.random.default_rng(1))
                .source_of(np.random.default_rng(0), 4)
            )
            for _ in range(2)
        )
        assert np.array_equal(one.inputs, two.inputs) and np.array_equal(one.targets, two.targets)
