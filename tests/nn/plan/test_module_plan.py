"""What is settled when a module is made."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError

import pytest
import torch

import gatewise as gw
from gatewise.nn.plan import registry


def test_a_plan_is_frozen() -> None:
    plan = gw.nn.LSTM(3, 4).plan
    with pytest.raises(FrozenInstanceError):
        plan.directions = 2  # type: ignore[misc]


def test_copies_share_their_plan() -> None:
    module = gw.nn.GRU(3, 4)
    assert copy.deepcopy(module).plan is module.plan
    assert pickle.loads(pickle.dumps(module)).plan is not module.plan


def test_another_reading_is_another_plan() -> None:
    module = gw.nn.LSTM(3, 4, 2, bidirectional=True, zoneout=0.1)
    plan = module.plan
    module.weights = "bfloat16"
    assert module.plan is not plan and plan.weights is None
    assert (module.plan.layers, module.plan.keys[1]) == (plan.layers, plan.keys[1])
    assert module.plan.keys[0] != plan.keys[0]


def test_a_module_that_comes_from_another_process_registers_its_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module, x = gw.nn.Recurrent("peephole_lstm", 3, 4, 2, bidirectional=True), torch.randn(5, 2, 3)
    sent = pickle.dumps(module)
    monkeypatch.setattr(registry, "_REGISTERED", {})
    received = pickle.loads(sent)
    assert set(registry._REGISTERED) == set(module.plan.keys)
    assert torch.equal(received(x)[0], module(x)[0])
