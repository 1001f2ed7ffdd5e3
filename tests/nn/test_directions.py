"""Both directions at the same time, forward and back: the bits of one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise.backends.llvm.machine import threads as threads_module
from gatewise.nn.compiled import autograd
from gatewise.nn.plan.layer_call import LayerCall, LayerResult

I, H, T = 5, 12, 9
CELLS = ("lstm", "gru", "sru", "slstm", "lstmp")


@pytest.fixture(autouse=True)
def always_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads for the smallest work too."""
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Within it, no two runs go together."""
    train, infer = autograd._train, autograd._infer

    def trained(layers: list[LayerCall], flat: list[list[Tensor]]) -> list[LayerResult]:
        return [train([layer], [tensors])[0] for layer, tensors in zip(layers, flat, strict=True)]

    def within() -> Any:
        context = monkeypatch.context()

        class Both:
            def __enter__(self) -> None:
                patch = context.__enter__()
                patch.setattr(autograd, "_train", trained)
                patch.setattr(autograd, "_infer", lambda ls: [infer([layer])[0] for layer in ls])

            def __exit__(self, *error: Any) -> None:
                context.__exit__(*error)

        return Both()

    return within


def made(cell: str, **keywords: Any) -> gw.nn.Recurrent:
    torch.manual_seed(0)
    sizes = {"sizes": {"P": 7}} if cell == "lstmp" else {}
    return gw.nn.Recurrent(cell, I, H, 2, bidirectional=True, **sizes, **keywords)


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def states_of(module: gw.nn.Recurrent, batch: int) -> list[Tensor]:
    return [numbers(4, batch, n).requires_grad_() for n in module.plan.widths]


CALLS: dict[str, Callable[[gw.nn.Recurrent, int], dict[str, Any]]] = {
    "plain": lambda m, b: {},
    "lengths": lambda m, b: {"lengths": [T, 3, 0, 5][:b]},
    "reset": lambda m, b: {"reset": numbers(T, b) > 0.5},
    "states": lambda m, b: {"hx": states_of(m, b)},
    "record": lambda m, b: {"record": [m.plan.cell.program.states[0].name]},
}


def results(module: gw.nn.Recurrent, x: Tensor, keywords: dict[str, Any]) -> list[Tensor]:
    """What a call gives, and all gradients."""
    module.zero_grad()
    x = x.clone().requires_grad_()
    output, states, *recorded = module(x, **keywords)
    loss = output.sin().sum() + sum(s.cos().sum() for s in states)
    for of in recorded[0].values() if recorded else ():
        loss = loss + sum(v.square().sum() for v in of)
    first = keywords.get("hx", [])
    grads = torch.autograd.grad(loss, [x, *first, *module.parameters()])
    return [output, *states, *grads]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("cell", CELLS)
def test_training_has_the_same_bits(cell: str, call: str, one_by_one: Any) -> None:
    module = made(cell)
    for batch in (1, 4):
        x, keywords = numbers(T, batch, I), CALLS[call](module, batch)
        with one_by_one():
            expected = results(module, x, keywords)
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            for a, b in zip(results(module, x, keywords), expected, strict=True):
                assert torch.equal(a, b)
        torch.set_num_threads(1)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("cell", CELLS)
def test_inference_has_the_same_bits(cell: str, call: str, one_by_one: Any) -> None:
    module, x = made(cell), numbers(T, 1, I)
    keywords = CALLS[call](module, 1)
    with torch.no_grad(), one_by_one():
        expected = module(x, **keywords)
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        with torch.no_grad():
            output, states, *_ = module(x, **keywords)
        assert torch.equal(output, expected[0])
        assert all(map(torch.equal, states, expected[1]))


def test_all_go_in_one_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above compare two different ways only if this holds."""
    runs: list[int] = []
    real = autograd.launch.run
    monkeypatch.setattr(autograd.launch, "run", lambda fs: (runs.append(len(fs)), real(fs))[1])
    module = made("lstm")
    results(module, numbers(T, 1, I), {})
    results(module, numbers(T, 2, I), {"lengths": [3, 1]})
    with torch.no_grad():
        module(numbers(T, 2, I), lengths=[3, 1])
    assert runs == [2, 2] * 3


def test_only_one_direction_is_used(one_by_one: Any) -> None:
    """The other one gets no gradient at all, as if it had not been computed."""
    module = gw.nn.LSTM(I, H, bidirectional=True)
    x = numbers(T, 1, I).requires_grad_()

    def run() -> list[Tensor | None]:
        module.zero_grad()
        x.grad = None
        _, _, recorded = module(x, record="c")
        recorded["c"][1].sum().backward()
        assert module.weight_hh_l0.grad is None
        return [x.grad, module.weight_ih_l0_reverse.grad, module.weight_hh_l0_reverse.grad]

    with one_by_one():
        expected = run()
    assert all(map(torch.equal, run(), expected))


def test_the_graph_can_be_kept() -> None:
    module, x = made("lstm"), numbers(T, 1, I)
    loss = module(x)[0].sin().sum()
    loss.backward(retain_graph=True)
    once = [p.grad.clone() for p in module.parameters()]
    loss.backward()
    assert all(torch.equal(p.grad, 2 * g) for p, g in zip(module.parameters(), once, strict=True))
    with pytest.raises(RuntimeError, match="second time"):
        loss.backward()


@pytest.mark.parametrize("frozen", ["one direction", "all but one", "all"])
@pytest.mark.parametrize("input_too", [True, False])
def test_some_parameters_are_frozen(frozen: str, input_too: bool, one_by_one: Any) -> None:
    module = made("gru")
    for n, p in module.named_parameters():
        trained = {
            "one direction": "l0_reverse" not in n,
            "all but one": n == "U_l1_reverse",
            "all": False,
        }
        p.requires_grad_(trained[frozen])
    x = numbers(T, 1, I).requires_grad_(input_too)

    def run() -> list[Tensor | None]:
        module.zero_grad()
        x.grad = None
        output = module(x, lengths=[T - 1])[0]
        if output.requires_grad:
            output.sin().sum().backward()
        assert output.requires_grad == (input_too or frozen != "all")
        return [output, x.grad, *(p.grad for p in module.parameters())]

    with one_by_one():
        expected = run()
    torch.set_num_threads(2)
    for a, b in zip(run(), expected, strict=True):
        assert (a is None) == (b is None) and (a is None or torch.equal(a, b))


def test_gradients_of_gradients() -> None:
    module = gw.nn.GRU(2, 3, bidirectional=True, dtype=torch.float64)
    names = [n for n, _ in module.named_parameters()]
    x = numbers(4, 1, 2).double().requires_grad_()

    def run(x: Tensor, *values: Tensor) -> Any:
        parameters = dict(zip(names, values, strict=True))
        return torch.func.functional_call(module, parameters, (x,), {"lengths": [3]})

    values = (x, *module.parameters())
    assert torch.autograd.gradgradcheck(run, values, fast_mode=True)


def test_hooks_on_tensors() -> None:
    module, x = made("lstm"), numbers(T, 1, I).requires_grad_()
    output = module(x)[0]
    output.register_hook(lambda g: 2 * g)
    module.W_l0_reverse.register_hook(lambda g: torch.zeros_like(g))
    output.sin().sum().backward()
    twice = [p.grad for p in module.parameters()]
    module.zero_grad()
    module.W_l0_reverse._backward_hooks.clear()
    (2 * module(x)[0].sin().sum()).backward()
    for (n, p), g in zip(module.named_parameters(), twice, strict=True):
        assert torch.equal(g, torch.zeros_like(g) if n == "W_l0_reverse" else p.grad), n
