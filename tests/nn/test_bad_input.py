"""What users get wrong: one row each, with the words that the message must have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

import gatewise as gw
from gatewise.errors import BackendError, CellError, InputError, ProgramError, SizeError
from gatewise.nn import CallError

I, H, T, B = 3, 4, 5, 2
X = torch.zeros(T, B, I)
Z = torch.zeros


def hx(kind: str, *shape: int, **keywords: Any) -> Any:
    h = Z(*shape, **keywords)
    return (h, h) if kind == "LSTM" else h


Row = tuple[str, Callable[[Any, str], Any], type[Exception], str]
# (what, call of (module, kind), exception, words); the module is one layer of I=3, H=4
CALLS: list[Row] = [
    ("four dimensions", lambda m, k: m(Z(1, 2, 3, 3)), ValueError, "to be 2D or 3D, got 4D"),
    ("one dimension", lambda m, k: m(Z(3)), ValueError, "got 1D"),
    ("no tensor", lambda m, k: m([[1.0]]), TypeError, "not list"),
    ("input size", lambda m, k: m(Z(T, B, 7)), RuntimeError, "input_size. Expected 3, got 7"),
    (
        "input type",
        lambda m, k: m(X.double()),
        ValueError,
        "float64.*does not match.*float32.*input.to",
    ),
    ("whole numbers", lambda m, k: m(X.long()), ValueError, "int64.*does not match"),
    (
        "input device",
        lambda m, k: m(X.to("meta")),
        RuntimeError,
        "Input and parameter tensors are not at the same device",
    ),
    ("no steps", lambda m, k: m(Z(0, B, I)), RuntimeError, "sequence length to be larger than 0"),
    (
        "hx batch",
        lambda m, k: m(X, hx(k, 1, 7, H)),
        RuntimeError,
        r"Expected hidden.* size \(1, 2, 4\), got \[1, 7, 4\]",
    ),
    ("hx size", lambda m, k: m(X, hx(k, 1, B, 7)), RuntimeError, "Expected hidden.*got"),
    ("hx layers", lambda m, k: m(X, hx(k, 2, B, H)), RuntimeError, "Expected hidden.*got"),
    ("hx unbatched", lambda m, k: m(X, hx(k, 1, H)), RuntimeError, "For batched 3-D input"),
    (
        "hx batched",
        lambda m, k: m(X[:, 0], hx(k, 1, B, H)),
        RuntimeError,
        "For unbatched 2-D input",
    ),
    (
        "hx type",
        lambda m, k: m(X, hx(k, 1, B, H, dtype=torch.float64)),
        RuntimeError,
        "not the same dtype",
    ),
    (
        "hx device",
        lambda m, k: m(X, hx(k, 1, B, H, device="meta")),
        RuntimeError,
        "Input and hidden tensors are not at the same device",
    ),
    (
        "hx no tensor",
        lambda m, k: m(X, (3, 3) if k == "LSTM" else 3),
        TypeError,
        "must be a tensor, not int",
    ),
    ("packed size", lambda m, k: m(pack_sequence([Z(3, 7)])), RuntimeError, "Expected 3, got 7"),
    (
        "packed and lengths",
        lambda m, k: m(pack_sequence([Z(3, I)]), lengths=[3]),
        CallError,
        "leave out lengths",
    ),
    ("lengths too long", lambda m, k: m(X, lengths=[2, 6]), CallError, r"0\.\.5.*got 2\.\.6"),
    ("lengths negative", lambda m, k: m(X, lengths=[-1, 5]), CallError, r"got -1\.\.5"),
    ("lengths count", lambda m, k: m(X, lengths=[1, 2, 3]), CallError, r"shape \(2,\).*got \[3\]"),
    (
        "lengths floats",
        lambda m, k: m(X, lengths=torch.ones(2)),
        CallError,
        "whole numbers, not torch.float32",
    ),
    ("lengths truth", lambda m, k: m(X, lengths=torch.ones(2).bool()), CallError, "not torch.bool"),
    (
        "lengths device",
        lambda m, k: m(X, lengths=Z(2, device="meta").long()),
        CallError,
        "on the CPU.*lengths.cpu",
    ),
    ("lengths words", lambda m, k: m(X, lengths="ab"), CallError, "whole numbers, not 'ab'"),
    (
        "reset shape",
        lambda m, k: m(X, reset=Z(B, T).bool()),
        CallError,
        r"shape \(5, 2\) \(steps, batch\), got \[2, 5\]",
    ),
    ("reset type", lambda m, k: m(X, reset=Z(T, B)), CallError, "torch.bool.*not torch.float32"),
    ("reset list", lambda m, k: m(X, reset=[[True]]), CallError, "not list"),
    ("reset device", lambda m, k: m(X, reset=Z(T, B, device="meta").bool()), CallError, "reset.to"),
    ("record unknown", lambda m, k: m(X, record="hh"), ProgramError, "'hh' is not a quantity"),
    ("record number", lambda m, k: m(X, record=3), InputError, "names such as"),
    ("unknown keyword", lambda m, k: m(X, length=[1]), TypeError, "length"),
    ("layer", lambda m, k: m.equation_parameters(1), InputError, "no layer 1: there are 1"),
    ("direction", lambda m, k: m.equation_parameters(0, 1), InputError, "no direction 1"),
    ("device of explain", lambda m, k: m.explain("nowhere"), RuntimeError, "nowhere"),
]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN", "Recurrent"])
@pytest.mark.parametrize(("what", "call", "error", "words"), CALLS, ids=[c[0] for c in CALLS])
def test_calls(kind: str, what: str, call: Any, error: type[Exception], words: str) -> None:
    module = gw.nn.Recurrent("gru", I, H) if kind == "Recurrent" else getattr(gw.nn, kind)(I, H)
    with pytest.raises(error, match=words) as caught:
        call(module, kind)
    if error in (CallError, RuntimeError, ValueError) and what != "device of explain":
        assert isinstance(caught.value, gw.GatewiseError)  # one base for whoever catches ours
    if kind == "Recurrent" or error not in (RuntimeError, ValueError) or "explain" in what:
        return
    if what == "packed size":  # PyTorch's LSTM reads beside its input instead
        return
    torchs = getattr(nn, kind)(I, H)  # what we check is no more than what PyTorch refuses
    with pytest.raises((RuntimeError, ValueError, IndexError, AttributeError, TypeError)):
        call(torchs, kind)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(ProgramError, match="Did you mean 'c#1'"):
        gw.nn.LSTM(I, H, record="c#2", zoneout=0.1)
    module = gw.nn.Recurrent("slstm", I, H)
    with pytest.raises(ProgramError, match="It has"):
        module(X, record=("i", "nothing"))


def test_number_of_states() -> None:
    lstm = gw.nn.LSTM(I, H)
    for wrong in (Z(1, B, H), (Z(1, B, H),), (Z(1, B, H),) * 3):
        with pytest.raises(RuntimeError, match="expects two hidden states"):
            lstm(X, wrong)
    with pytest.raises(CallError, match="expects 4 states"):
        gw.nn.Recurrent("slstm", I, H)(X, (Z(1, B, H),) * 2)
    with pytest.raises(CallError, match="expects one hidden state"):
        gw.nn.Recurrent("gru", I, H)(X, (Z(1, B, H),) * 2)


def test_several_inputs() -> None:
    module = gw.nn.Recurrent("ealstm", (I, 2), H)
    for sample, words in (
        (X, "takes the inputs x, s"),
        ((X,), "as a tuple of 2, got 1"),
        ((X, Z(B, 3)), r"input s must have the shape \(2, 2\), got \[2, 3\]"),
        ((X, Z(B, 2).double()), "input s is torch.float64"),
        ((pack_sequence([Z(3, I)]), Z(1, 2)), "pass padded tensors and lengths="),
    ):
        with pytest.raises(CallError, match=words):
            module(sample)
    with pytest.raises(TypeError, match="input s must be a tensor"):
        module((X, None))


CONSTRUCTORS: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("hidden zero", lambda: gw.nn.LSTM(3, 0), ValueError, "hidden_size must be greater than zero"),
    (
        "layers zero",
        lambda: gw.nn.LSTM(3, 4, 0),
        ValueError,
        "num_layers must be greater than zero",
    ),
    ("input zero", lambda: gw.nn.GRU(0, 4), ValueError, "input_size must be greater than zero"),
    (
        "input type",
        lambda: gw.nn.RNN(3.0, 4),
        TypeError,
        "input_size should be of type int, got: float",
    ),
    (
        "bias type",
        lambda: gw.nn.LSTM(3, 4, bias=1),
        TypeError,
        "bias should be of type bool, got: int",
    ),
    (
        "batch_first type",
        lambda: gw.nn.LSTM(3, 4, batch_first="no"),
        TypeError,
        "batch_first should be of type bool",
    ),
    ("dropout range", lambda: gw.nn.LSTM(3, 4, 2, dropout=1.5), ValueError, r"in range \[0, 1\]"),
    (
        "projection",
        lambda: gw.nn.LSTM(3, 4, proj_size=4),
        ValueError,
        "proj_size has to be smaller",
    ),
    (
        "projection of GRU",
        lambda: gw.nn.GRU(3, 4, proj_size=2),
        ValueError,
        "only supported for LSTM",
    ),
    (
        "projection of RNN",
        lambda: gw.nn.RNN(3, 4, proj_size=2),
        ValueError,
        "only supported for LSTM",
    ),
    (
        "nonlinearity",
        lambda: gw.nn.RNN(3, 4, nonlinearity="elu"),
        ValueError,
        "Unknown nonlinearity 'elu'",
    ),
    ("keyword", lambda: gw.nn.LSTM(3, 4, zoneuot=0.1), TypeError, "Did you mean 'zoneout'"),
    ("backend", lambda: gw.nn.LSTM(3, 4, backend="eagre"), BackendError, "Did you mean 'eager'"),
    (
        "zoneout range",
        lambda: gw.nn.LSTM(3, 4, zoneout=1.0),
        InputError,
        "zoneout must be a probability",
    ),
    (
        "zoneout state",
        lambda: gw.nn.LSTM(3, 4, zoneout={"q": 0.1}),
        CellError,
        "no state is called 'q'",
    ),
    (
        "zoneout infinite",
        lambda: gw.nn.Recurrent("slstm", 3, 4, zoneout=0.1),
        CellError,
        "starts at -inf",
    ),
    (
        "weight_drop",
        lambda: gw.nn.Recurrent("sru", 3, 4, weight_drop=0.1),
        InputError,
        "no recurrent matrix",
    ),
    ("input_dropout", lambda: gw.nn.LSTM(3, 4, input_dropout="x"), InputError, "not 'x'"),
    ("recurrent_dropout", lambda: gw.nn.RNN(3, 4, recurrent_dropout=0.1), CellError, "Fix"),
    ("memory", lambda: gw.nn.LSTM(3, 4, memory=0), InputError, 'or "all" or "sqrt", not 0'),
    ("detach_every", lambda: gw.nn.LSTM(3, 4, detach_every=-1), InputError, "detach_every must be"),
    (
        "both joins",
        lambda: gw.nn.LSTM(3, 4, 2, residual=True, highway=True),
        InputError,
        "take one",
    ),
    (
        "a join of one",
        lambda: gw.nn.LSTM(3, 4, residual=True),
        SizeError,
        "num_layers of at least 2",
    ),
    (
        "learned",
        lambda: gw.nn.LSTM(3, 4, learned_initial_state=1),
        InputError,
        "True or False, not 1",
    ),
    ("cell name", lambda: gw.nn.Recurrent("lsmt", 3, 4), CellError, "Did you mean 'lstm'"),
    (
        "cell type",
        lambda: gw.nn.Recurrent(nn.LSTM, 3, 4),
        TypeError,
        "name of the catalogue or a cell",
    ),
    (
        "cell keyword",
        lambda: gw.nn.Recurrent("gru", 3, 4, bias=True),
        TypeError,
        "no argument 'bias'",
    ),
    ("cell sizes", lambda: gw.nn.Recurrent("lstmp", 3, 4), SizeError, "needs the sizes P"),
    (
        "cell size name",
        lambda: gw.nn.Recurrent("gru", 3, 4, sizes={"Q": 1}),
        SizeError,
        "no size 'Q'",
    ),
    ("cell inputs", lambda: gw.nn.Recurrent("ealstm", (3, 2, 1), 4), InputError, "inputs x, s"),
    ("cell dropout", lambda: gw.nn.Recurrent("gru", 3, 4, dropout=2), ValueError, r"\[0, 1\]"),
    ("heads", lambda: gw.nn.Recurrent(gw.cells.slstm(heads=3), 3, 4), SizeError, "divide"),
    (
        "step extras",
        lambda: gw.nn.LSTMCell(3, 4, weight_drop=0.1),
        InputError,
        "runs one step: weight_drop",
    ),
    (
        "step masks",
        lambda: gw.nn.LSTMCell(3, 4, recurrent_dropout={"rate": 0.1, "form": "gal"}),
        InputError,
        "where a sequence begins",
    ),
    (
        "step nonlinearity",
        lambda: gw.nn.RNNCell(3, 4, nonlinearity="elu"),
        ValueError,
        "Unknown nonlinearity",
    ),
]


@pytest.mark.parametrize(
    ("what", "make", "error", "words"), CONSTRUCTORS, ids=[c[0] for c in CONSTRUCTORS]
)
def test_constructors(what: str, make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


STEPS: list[Row] = [
    ("dimensions", lambda m, k: m(Z(1, 2, 3)), ValueError, "to be 1D or 2D, got 3D"),
    (
        "input size",
        lambda m, k: m(Z(B, 7)),
        RuntimeError,
        "inconsistent input_size: got 7 expected 3",
    ),
    (
        "hidden size",
        lambda m, k: m(Z(B, I), hx(k, B, 7)),
        RuntimeError,
        "inconsistent hidden_size: got 7, expected 4",
    ),
    (
        "batch",
        lambda m, k: m(Z(B, I), hx(k, 5, H)),
        RuntimeError,
        "Input batch size 2 doesn't match hidden0 batch size 5",
    ),
    (
        "hidden dimensions",
        lambda m, k: m(Z(B, I), hx(k, 1, 1, B, H)),
        ValueError,
        "to be 1D or 2D, got 4D",
    ),
    ("unlike dimensions", lambda m, k: m(Z(B, I), hx(k, H)), CallError, "batch both or none"),
    ("type", lambda m, k: m(Z(B, I).double()), CallError, "float64.*convert"),
    ("device", lambda m, k: m(Z(B, I), hx(k, B, H, device="meta")), CallError, "meta"),
    ("no tensor", lambda m, k: m(3), TypeError, "not int"),
    ("record", lambda m, k: m(Z(B, I), record="nothing"), ProgramError, "not a quantity"),
]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize(("what", "call", "error", "words"), STEPS, ids=[s[0] for s in STEPS])
def test_one_step(kind: str, what: str, call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call(getattr(gw.nn, f"{kind}Cell")(I, H), kind)
    if kind == "LSTM":
        with pytest.raises(CallError, match="two hidden states"):
            gw.nn.LSTMCell(I, H)(Z(B, I), Z(B, H))


def test_dropout_without_a_layer_to_act_on_warns() -> None:
    with pytest.warns(UserWarning, match="num_layers greater than 1"):
        gw.nn.LSTM(3, 4, dropout=0.5)
    with pytest.warns(UserWarning, match="num_layers greater than 1"):
        gw.nn.Recurrent("gru", 3, 4, dropout=0.5)


def test_explicit_backends_never_fall_back() -> None:
    module = gw.nn.LSTM(I, H, backend="vendor", zoneout=0.1)
    with pytest.raises(BackendError, match="they have no zoneout"):
        module(X)
    with pytest.raises(BackendError, match="they have no reset, record"):
        gw.nn.GRU(I, H, backend="vendor")(X, reset=Z(T, B).bool(), record="n")
    with pytest.raises(BackendError, match="LSTM, GRU and RNN only"):
        gw.nn.Recurrent("mgu", I, H, backend="vendor")(X)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_the_vendors_kernels_give_the_same(kind: str) -> None:
    """On a CPU these are PyTorch's own."""
    for keywords in (
        {},
        {"num_layers": 2, "bidirectional": True, "batch_first": True, "bias": False},
    ):
        module = getattr(gw.nn, kind)(I, H, backend="vendor", **keywords)
        theirs = module.to_torch()
        torch.manual_seed(0)
        for x in (
            torch.randn(T, B, I),
            torch.randn(T, I),
            pack_sequence([torch.randn(n, I) for n in (2, 4)], False),
        ):
            ours, expected = module(x), theirs(x)
            flat = [t.data if hasattr(t, "data") else t for t in (ours[0], expected[0])]
            assert torch.equal(flat[0], flat[1])
            states, states_ = (s if kind == "LSTM" else (s,) for s in (ours[1], expected[1]))
            assert all(map(torch.equal, states, states_))
        assert "vendor" in module.explain()


def test_on_a_gpu_the_plain_modules_go_to_cudnn_and_say_so() -> None:
    for kind in ("LSTM", "GRU", "RNN"):
        assert "vendor (a vanilla cell on a GPU" in getattr(gw.nn, kind)(I, H).explain("cuda")
    told = gw.nn.LSTM(I, H, layer_norm=True, zoneout=0.1).explain("cuda")
    assert "eager" in told and "cuDNN: they have no zoneout, layer_norm" in told
    assert "LSTM, GRU and RNN only" in gw.nn.Recurrent("mgu", I, H).explain("cuda")
    assert "not on mps" in gw.nn.LSTM(I, H).explain("mps")
