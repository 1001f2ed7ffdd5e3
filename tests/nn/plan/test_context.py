"""Context: the same result as from concatenating it to the input at every step."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise.nn.execution.call_checks import CallError
from tests.nn.modules.test_recurrent import cell_of
from tests.passes.test_context import concatenating, unit_by_unit
from tests.tolerances import assert_close

T, B, S, I, H = 5, 3, 4, 3, 6
TAKEN = [
    "lstm",
    "peephole_lstm",
    "cifg",
    "gru",
    "gru_v3",
    "mgu",
    "rnn",
    "layernorm_lstm",
    "minlstm",
    "multiplicative_lstm",
    "slstm",
    "fgr",
    "zoneout(peephole)",
]
JOINED = ["ealstm", "project(lstm)"]


def module_of(name: str, **how: Any) -> gw.nn.Recurrent:
    cell = cell_of(name)
    torch.manual_seed(3)
    more = {"sizes": {"P": 2}} if "P" in cell.program.sizes else {}
    size: Any = (
        S + I if len([i for i in cell.program.inputs if i.rate is None]) == 1 else (S + I, 2)
    )
    return gw.nn.Recurrent(cell, size, H, dtype=torch.float64, **more, **how)


def drawn(*shape: int, seed: int = 0, grad: bool = True) -> Tensor:
    values = torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return values.requires_grad_(grad)


def joined(context: Tensor, x: Tensor) -> Tensor:
    return torch.cat([context.expand(len(x), *context.shape), x], -1)


def both(module: gw.nn.Recurrent, context: Tensor, x: Tensor, *rest: Any, **how: Any) -> None:
    """The two calls, and all gradients of both."""
    leaves = [t for t in (context, x, *module.parameters()) if t.requires_grad]
    seen = []
    for once in (True, False):
        torch.manual_seed(9)
        if once:
            out = module(x, *rest, context=context, **how)
        else:
            out = module(joined(context, x), *rest, **how)
        results = [
            out[0],
            *out[1],
            *[t for of in (out[2] if len(out) > 2 else {}).values() for t in of],
        ]
        loss = sum((t * (t + 0.5)).sum() for t in results)
        grads = torch.autograd.grad(loss, leaves, allow_unused=True)
        seen.append(([t.detach() for t in results], grads))
    for a, b in zip(*(results for results, _ in seen), strict=True):
        assert_close(a.numpy(), b.numpy(), "float64", "forward")
    for a, b in zip(*(grads for _, grads in seen), strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert_close(a.numpy(), b.numpy(), "float64", "gradient")


@pytest.mark.parametrize("backend", ["llvm", "eager"])
@pytest.mark.parametrize("name", TAKEN)
def test_every_cell_that_reads_its_input_by_matrices(name: str, backend: str) -> None:
    module = module_of(name, backend=backend)
    assert module.plan.split is not None
    both(module, drawn(B, S), drawn(T, B, I, seed=1))


def test_an_lstm_projected_and_one_with_a_static_input() -> None:
    both(module_of("project(lstm)"), drawn(B, S), drawn(T, B, I, seed=1))
    module = module_of("ealstm")
    context, x, static = drawn(B, S), drawn(T, B, I, seed=1), drawn(B, 2, seed=2)
    one = module((x, static), context=context)
    other = module((joined(context, x), static))
    assert_close(one[0].detach().numpy(), other[0].detach().numpy(), "float64", "forward")


@pytest.mark.parametrize("cell", [concatenating, unit_by_unit])
def test_cells_that_read_it_otherwise_get_it_joined(cell: gw.Cell) -> None:
    width = S + I if cell is concatenating else H
    module = gw.nn.Recurrent(cell, width, H, dtype=torch.float64)
    assert module.plan.split is None
    both(module, drawn(B, 2), drawn(T, B, width - 2, seed=1))


@pytest.mark.parametrize(
    "how",
    [
        {"num_layers": 2, "bidirectional": True},
        {"memory": 2},
        {"detach_every": 2},
        {"learned_initial_state": True},
        {"num_layers": 2, "dropout": 0.5},
        {"weight_drop": 0.5},
        {"input_dropout": 0.3},
        {"record": ("i", "c")},
    ],
    ids=str,
)
def test_with_what_a_module_can_do(how: dict[str, Any]) -> None:
    both(module_of("lstm", **how), drawn(B, S), drawn(T, B, I, seed=1))


@pytest.mark.parametrize("wanted", [(True, False), (False, True), (False, False)])
def test_gradients_that_are_wanted(wanted: tuple[bool, bool]) -> None:
    context, x = drawn(B, S, grad=wanted[0]), drawn(T, B, I, seed=1, grad=wanted[1])
    both(module_of("lstm"), context, x)


def test_lengths_resets_and_states() -> None:
    reset = torch.zeros(T, B, dtype=torch.bool)
    reset[2, 1] = True
    states = [drawn(1, B, H, seed=k) for k in (5, 6)]
    module = module_of("lstm")
    both(module, drawn(B, S), drawn(T, B, I, seed=1), states, lengths=torch.tensor([2, 5, 0]))
    both(module, drawn(B, S), drawn(T, B, I, seed=1), reset=reset, record=("f",))


def test_forms() -> None:
    module, first = module_of("lstm"), module_of("lstm", batch_first=True)
    context, x = drawn(B, S), drawn(T, B, I, seed=1)
    want = module(joined(context, x))[0]
    assert_close(
        first(x.transpose(0, 1), context=context)[0].detach().numpy(),
        want.transpose(0, 1).detach().numpy(),
        "float64",
        "forward",
    )
    alone = module(x[:, 1], context=context[1])[0]
    assert_close(alone.detach().numpy(), want[:, 1].detach().numpy(), "float64", "forward")
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, [2, 5, 3], enforce_sorted=False)
    padded, _ = torch.nn.utils.rnn.pad_packed_sequence(module(packed, context=context)[0])
    for k, n in enumerate((2, 5, 3)):
        assert_close(
            padded[:n, k].detach().numpy(), want[:n, k].detach().numpy(), "float64", "forward"
        )


def test_second_derivatives_and_autocast() -> None:
    module, context, x = module_of("lstm"), drawn(B, S), drawn(T, B, I, seed=1)
    assert torch.autograd.gradgradcheck(lambda c: module(x, context=c)[0].sum(), context)
    small, c, y = module_of("lstm").float(), context.float(), x.float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        one, other = small(y, context=c)[0], small(joined(c, y))[0]
    torch.testing.assert_close(one, other, rtol=2e-2, atol=2e-2)


@pytest.mark.parametrize("called", [False, True], ids=["never called", "called before"])
def test_inside_a_compiler(called: bool) -> None:
    module, context, x = module_of("lstm"), drawn(B, S), drawn(T, B, I, seed=1)
    if called:
        module(x, context=context)
    compiled = torch.compile(
        lambda c, x: module(x, context=c)[0], fullgraph=True, backend="aot_eager"
    )
    (grad,) = torch.autograd.grad(compiled(context, x).sum(), context)
    (want,) = torch.autograd.grad(module(x, context=context)[0].sum(), context)
    assert_close(grad.numpy(), want.numpy(), "float64", "gradient")


def test_weights_in_bfloat16_are_those_of_the_joined_input() -> None:
    module = module_of("lstm").float()
    module.weights = "bfloat16"
    context, x = drawn(B, S, grad=False).float(), drawn(T, B, I, seed=1, grad=False).float()
    with torch.inference_mode():
        assert torch.equal(module(x, context=context)[0], module(joined(context, x))[0])


def test_side_by_side_with_it() -> None:
    from functools import partial

    module, context, x = module_of("lstm"), drawn(B, S), drawn(T, B, I, seed=1)
    one, other = gw.nn.side_by_side(
        partial(module, x, context=context), partial(module, joined(context, x))
    )
    assert_close(one[0].detach().numpy(), other[0].detach().numpy(), "float64", "forward")


@pytest.mark.parametrize(
    ("context", "error", "words"),
    [
        ([1.0], TypeError, "context must be a tensor"),
        (torch.zeros(B, S + I, dtype=torch.float64), CallError, "at least one must be left"),
        (torch.tensor(1.0, dtype=torch.float64), CallError, "at least one must be left"),
        (
            torch.zeros(B + 1, S, dtype=torch.float64),
            CallError,
            r"context must have the shape \(3, 4\)",
        ),
        (torch.zeros(T, B, S, dtype=torch.float64), CallError, "context must have the shape"),
        (torch.zeros(B, S), CallError, "context is torch.float32"),
        (
            torch.zeros(B, S + 1, dtype=torch.float64),
            CallError,
            "have 3 and 5 values a step.* input of 7",
        ),
        (torch.zeros(B, 0, dtype=torch.float64), CallError, "it needs one at least"),
    ],
)
def test_contexts_that_do_not_fit(context: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        module_of("lstm")(drawn(T, B, I), context=context)
