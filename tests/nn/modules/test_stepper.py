from __future__ import annotations

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import InputError
from tests.tolerances import assert_close


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "slstm", "lstmp", "minlstm"])
@pytest.mark.parametrize("batch", [1, 5])
def test_steps_are_those_of_the_sequence(cell: str, batch: int) -> None:
    torch.manual_seed(0)
    sizes = {"P": 6} if cell == "lstmp" else None
    module = gw.nn.Recurrent(cell, 3, 10, sizes=sizes).eval()
    x = torch.randn(7, batch, 3)
    with torch.no_grad():
        expected, states = module(x)
    stepper = gw.nn.Stepper(module, batch)
    assert (
        stepper._frames is not None
    )  # the kernel is bound once, also for states that begin at minus infinity
    for t in range(7):
        stepper.x[:] = x[t].numpy()
        assert_close(stepper.step(), expected[t].numpy(), "float32", "forward")
    for own, other in zip(stepper.states, states, strict=True):
        assert_close(own, other[0].numpy(), "float32", "state")


def test_states_are_written_and_restarted() -> None:
    module = gw.nn.Recurrent("lstm", 3, 8).eval()
    stepper = gw.nn.Stepper(module, 2)
    x = np.random.default_rng(0).normal(size=(4, 2, 3)).astype(np.float32)
    outputs = []
    for t in range(4):
        if t == 2:
            kept_states = [s.copy() for s in stepper.states]
        stepper.x[:] = x[t]
        outputs.append(stepper.step().copy())
    for state, old in zip(stepper.states, kept_states, strict=True):
        state[:] = old
    stepper.x[:] = x[2]
    assert np.array_equal(stepper.step(), outputs[2])
    stepper.restart(np.array([True, False]))
    assert not stepper.states[0][0].any() and stepper.states[0][1].any()


def test_new_weights_are_read_when_it_is_told() -> None:
    module = gw.nn.Recurrent("gru", 3, 8).eval()
    stepper = gw.nn.Stepper(module, 1)
    before = stepper.step().copy()
    with torch.no_grad():
        for p in module.parameters():
            p.mul_(2)
    stepper.restart()
    stepper.read_weights()
    stepper.x[:] = 0
    with torch.no_grad():
        expected, _ = module(torch.zeros(1, 1, 3))
    after = stepper.step()
    assert not np.allclose(before, after)
    assert_close(after, expected[0].numpy(), "float32", "forward")


def test_learned_initial_states_are_restarted_from() -> None:
    module = gw.nn.Recurrent("lstm", 3, 8, learned_initial_state=True).eval()
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.1)
    stepper = gw.nn.Stepper(module, 2)
    x = torch.randn(1, 2, 3)
    stepper.x[:] = x[0].numpy()
    with torch.no_grad():
        expected, _ = module(x)
    assert_close(stepper.step(), expected[0].numpy(), "float32", "forward")


def test_what_it_cannot_step_is_refused() -> None:
    with pytest.raises(InputError, match="one layer"):
        gw.nn.Stepper(gw.nn.Recurrent("lstm", 3, 8, num_layers=2), 1)
    with pytest.raises(InputError, match="float32"):
        gw.nn.Stepper(gw.nn.Recurrent("lstm", 3, 8, dtype=torch.float64), 1)
