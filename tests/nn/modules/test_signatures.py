"""What ``help`` shows: PyTorch's arguments in PyTorch's order, then ours by keyword."""

from __future__ import annotations

import inspect
import pydoc
from dataclasses import fields

import pytest
from torch import nn

import gatewise as gw
from gatewise.nn.plan.extras import ExtrasArguments

KINDS = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")
# PyTorch's classes for these take *args
THEIRS = {
    "LSTM": "input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size device dtype",
    "GRU": "input_size hidden_size num_layers bias batch_first dropout bidirectional device dtype",
    "RNN": "input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional device "
    "dtype",
}


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_are_shown(kind: str) -> None:
    shown = list(inspect.signature(getattr(gw.nn, kind)).parameters)
    theirs = THEIRS.get(kind)
    expected = theirs.split() if theirs else list(inspect.signature(getattr(nn, kind)).parameters)
    assert shown == [*expected, "backend", "extras"]


def test_the_extras_are_named_in_the_help_and_as_keywords() -> None:
    names = {field.name for field in fields(gw.nn.Extras)}
    assert set(ExtrasArguments.__annotations__) == names
    for kind in ("LSTM", "GRU", "RNN"):
        text = pydoc.render_doc(getattr(gw.nn, kind))
        assert all(name in text for name in names), kind


@pytest.mark.parametrize("kind", ("LSTM", "GRU", "RNN"))
def test_arguments_by_position_are_pytorchs(kind: str) -> None:
    more = ("relu",) if kind == "RNN" else ()
    positions = (3, 4, 2, *more, False, True, 0.0, True)
    ours, theirs = getattr(gw.nn, kind)(*positions), getattr(nn, kind)(*positions)
    for name in ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "mode"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
