"""The network: padding is nothing, pooling is what it says, gradients go to the evidence."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gatewise import cells
from gatewise.tasks.sequences.attribution import evidence
from gatewise.tasks.sequences.batches import Encoded
from gatewise.tasks.sequences.network import POOLINGS, Pooling, SequenceNetwork, remember
from gatewise.tasks.sequences.objective import outputs_of
from tests.tolerances import assert_close


def network(pooling: Pooling = "mean", *, types: int = 0, both: bool = True) -> SequenceNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return SequenceNetwork(cells.get("lstm"), 3, types, 1, 5, 4, both, pooling, 0.0, 0.0).eval()


def data(lengths: list[int], patch: int = 1, width: int = 3) -> Encoded:
    steps = np.random.default_rng(0).standard_normal((sum(lengths), width)).astype(np.float32)
    return Encoded(steps, np.concatenate([[0], np.cumsum(lengths)]), patch)


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("both", [True, False])
def test_a_sequence_alone_and_in_a_batch_is_the_same(pooling: Pooling, both: bool) -> None:
    net, some = network(pooling, both=both), data([4, 9, 1, 6])
    together = outputs_of([net], some, np.arange(4))[0]
    for k in range(4):
        assert_close(
            outputs_of([net], some, np.array([k]))[0][0], together[k], "float32", "forward"
        )


def test_tokens_begin_as_small_numbers() -> None:
    embedding = network(types=2000).embedding
    assert embedding is not None
    assert 0.09 < float(embedding.weight.detach().std()) < 0.11


def test_pooling_is_what_it_says() -> None:
    steps, lengths = data([3, 5]).block(np.arange(2))
    output, _ = network().encoder(steps, lengths=lengths)
    one = output[:3, 0]
    expected = {
        "mean": one.mean(0),
        "max": one.amax(0),
        "last": torch.cat([one[2, :5], one[0, 5:]]),
    }
    for pooling, pooled in expected.items():
        got = network(pooling).pooled(output, lengths)[0]
        assert_close(got.detach(), pooled.detach(), "float32", "forward")


def test_the_order_of_a_block_is_kept() -> None:
    some = data([5, 2, 7, 2, 9])
    order = np.array([3, 0, 4, 1, 2])
    whole = outputs_of([network()], some, np.arange(5))[0]
    assert_close(outputs_of([network()], some, order)[0], whole[order], "float32", "forward")


def test_the_last_patch_repeats_the_last_value() -> None:
    some = data([5, 2], patch=2, width=1)
    steps, lengths = some.block(np.array([0]))
    assert lengths.tolist() == [3] and steps.shape == (3, 1, 2)
    np.testing.assert_array_equal(steps[:, 0].flatten()[:5], some.steps[:5, 0])
    assert steps[2, 0, 1] == some.steps[4, 0]


@pytest.mark.parametrize("seed", range(3))
def test_a_batch_has_no_sequence_twice_and_all_get_their_turn(seed: int) -> None:
    some, rng = (
        data([int(n) for n in np.random.default_rng(seed).integers(1, 30, 200)]),
        np.random.default_rng(seed),
    )
    counts = np.zeros(200)
    for _ in range(600):
        batch = some.draw(np.arange(200), 16, rng)
        assert len(set(batch)) == 16
        counts[batch] += 1
    # 48 turns expected; a fair draw lies this far off with a probability below 1e-6
    assert counts.min() > 48 - 5 * 48**0.5 and counts.max() < 48 + 5 * 48**0.5


def test_batches_are_of_similar_length() -> None:
    lengths = np.random.default_rng(0).integers(1, 100, 400)
    some, rng = data([int(n) for n in lengths]), np.random.default_rng(1)
    spread = [np.ptp(lengths[some.draw(np.arange(400), 16, rng)]) for _ in range(50)]
    assert np.mean(spread) < 30


def test_evidence_adds_up_to_the_answer() -> None:
    net, some = network("mean"), data([6, 4])
    nothing = Encoded(np.zeros_like(some.steps), some.starts, 1)
    for k in range(2):
        gain = outputs_of([net], some, np.array([k])) - outputs_of([net], nothing, np.array([k]))
        shares = evidence(net, some, k, 2)
        assert len(shares) == some.lengths[k]
        # the integral is a sum of 32 points
        assert abs(shares.sum() - gain[0, 0, 2]) < 0.01 * np.abs(shares).sum()


def test_evidence_finds_the_step_that_matters() -> None:
    net = network("mean", types=5)
    net.embedding.weight.data.zero_()
    net.embedding.weight.data[3] = 2.0
    some = Encoded(np.array([1, 1, 3, 1]), np.array([0, 4]), 1)
    shares = np.abs(evidence(net, some, 0, 0))
    assert shares.argmax() == 2 and shares[2] > 0 and shares[[0, 1, 3]].max() == 0


def test_remembering_sets_the_gates() -> None:
    net = network()
    assert remember(net, 500, 0)
    parameters = net.encoder.equation_parameters(0, 1)
    forget = parameters["b.f"].detach()
    assert forget.min() >= 0 and 2 < forget.max() <= np.log(499) + 1e-6
    assert_close(parameters["b.i"].detach(), -forget, "float32", "forward")
    gru = SequenceNetwork(cells.get("gru"), 3, 0, 1, 5, 4, True, "mean", 0.0, 0.0)
    assert remember(gru, 500, 0)  # the gate of any cell is found in its equations
    assert gru.encoder.equation_parameters()["b.z"].min() >= 0
    elman = SequenceNetwork(cells.get("rnn"), 3, 0, 1, 5, 4, True, "mean", 0.0, 0.0)
    assert not remember(elman, 500, 0)
