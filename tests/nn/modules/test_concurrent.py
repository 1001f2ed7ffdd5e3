"""Calls side by side: what they give one after the other, bit for bit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gatewise as gw
from gatewise.backends.llvm.machine import threads as threads_module
from gatewise.nn.compiled import autograd, launch
from gatewise.nn.modules.concurrent import _walk
from tests.backends.llvm.helpers import child

Calls = list[Callable[[], Any]]


@pytest.fixture(autouse=True)
def always_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads for the smallest work too."""
    monkeypatch.setattr(threads_module, "WORTH_A_THREAD", -1)


def numbers(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tensors_of(result: Any) -> list[Tensor]:
    """All tensors of what a call returns."""
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, dict):
        result = list(result.values())
    return [t for part in result for t in tensors_of(part)]


def modules_of(calls: Calls) -> list[nn.Module]:
    return [c.func for c in calls if isinstance(c, partial) and isinstance(c.func, nn.Module)]


def with_gradients(run: Callable[[], list[Any]], calls: Calls, *more: Tensor) -> list[Tensor]:
    """Results and all gradients, of parameters and ``more``."""
    parameters = [p for m in modules_of(calls) for p in m.parameters()]
    for t in (*parameters, *more):
        t.grad = None
    results = tensors_of(run())
    losses = [t.sin().sum() for t in results if t.requires_grad]
    if losses:
        torch.stack(losses).sum().backward()
    return [*results, *(t.grad for t in (*parameters, *more) if t.grad is not None)]


def check(calls: Calls, *more: Tensor) -> None:
    expected = with_gradients(lambda: [call() for call in calls], calls, *more)
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        got = with_gradients(lambda: gw.nn.side_by_side(*calls), calls, *more)
        assert len(got) == len(expected)
        assert all(map(torch.equal, got, expected))
        with torch.no_grad():
            apart = tensors_of([call() for call in calls])
            assert all(map(torch.equal, tensors_of(gw.nn.side_by_side(*calls)), apart))
    torch.set_num_threads(1)


@pytest.fixture
def regions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many runs went in each region."""
    seen: list[int] = []
    real = launch.run

    def counted(frames: list[Any]) -> None:
        seen.append(len(frames))
        real(frames)

    monkeypatch.setattr(launch, "run", counted)
    yield seen


def various() -> Calls:
    """Other cells, sizes, types, lengths, layers, forms."""
    torch.manual_seed(0)
    peephole = gw.nn.Recurrent("peephole_lstm", 3, 20, 2)
    return [
        partial(gw.nn.LSTM(4, 12, 2, bidirectional=True), numbers(15, 1, 4)),
        partial(gw.nn.GRU(6, 7, batch_first=True), numbers(3, 5, 6), lengths=[5, 0, 2]),
        partial(gw.nn.Recurrent("sru", 8, 24, 3), numbers(30, 1, 8), None, record="c"),
        partial(peephole, numbers(9, 2, 3), (numbers(2, 2, 20), numbers(2, 2, 20, seed=2))),
        partial(gw.nn.RNN(2, 3, dtype=torch.float64), numbers(14, 2).double()),
        partial(gw.nn.Recurrent("ealstm", (4, 2), 5), (numbers(6, 2, 4), numbers(2, 2))),
        partial(gw.nn.GRU(5, 6), numbers(7, 1, 5), reset=numbers(7, 1) > 0),
        partial(gw.nn.LSTM(2, 3), numbers(4, 0, 2)),
    ]


def test_various_calls() -> None:
    assert all(_walk(call) is not None for call in various())
    check(various())


def test_layers_of_one_height_go_together(regions: list[int]) -> None:
    a, b = gw.nn.LSTM(4, 12, 2, bidirectional=True), gw.nn.GRU(4, 5, 3)
    x, y = numbers(9, 1, 4), numbers(20, 1, 4)
    gw.nn.side_by_side(partial(a, x), partial(b, y))
    gw.nn.side_by_side(partial(a, x), partial(b, y, lengths=[20]))
    with torch.no_grad():
        gw.nn.side_by_side(partial(a, x), partial(b, y))
    assert regions == [3, 3, 1] * 3


def test_none_and_one() -> None:
    assert gw.nn.side_by_side() == []
    module, x = gw.nn.LSTM(2, 3), numbers(4, 1, 2)
    assert torch.equal(gw.nn.side_by_side(partial(module, x))[0][0], module(x)[0])


def test_the_same_module_twice_and_one_input_for_three() -> None:
    """What is shared gets the sum of the gradients in the same order, too."""
    a, b = gw.nn.LSTM(4, 12), gw.nn.GRU(4, 9)
    x, y = numbers(8, 1, 4).requires_grad_(), numbers(11, 1, 4).requires_grad_()
    check([partial(a, x), partial(a, y), partial(b, x), partial(a, x)], x, y)


def test_one_of_them_wants_no_gradients(regions: list[int]) -> None:
    a, b = gw.nn.LSTM(4, 6), gw.nn.LSTM(4, 6).eval().requires_grad_(False)
    check([partial(a, numbers(5, 1, 4)), partial(b, numbers(5, 1, 4))])
    output = gw.nn.side_by_side(partial(a, numbers(5, 1, 4)), partial(b, numbers(5, 1, 4)))[1][0]
    assert not output.requires_grad


class Doubled(gw.nn.LSTM):
    """Has its own idea of a call."""

    def forward(self, *args: Any, **keywords: Any) -> Any:
        output, states = super().forward(*args, **keywords)
        return 2 * output, states


def hooked() -> nn.Module:
    module = gw.nn.LSTM(4, 6)
    module.register_forward_hook(lambda module, args, result: (3 * result[0], result[1]))
    return module


BY_THEMSELVES: dict[str, Callable[[], nn.Module]] = {
    "dropout": lambda: gw.nn.LSTM(4, 6, 2, dropout=0.5),
    "zoneout": lambda: gw.nn.GRU(4, 6, zoneout=0.5),
    "checkpoints": lambda: gw.nn.LSTM(4, 6, memory=2),
    "eager": lambda: gw.nn.LSTM(4, 6, backend="eager"),
    "vendor": lambda: gw.nn.LSTM(4, 6, backend="vendor"),
    "of PyTorch": lambda: nn.LSTM(4, 6),
    "one step": lambda: gw.nn.LSTMCell(4, 6),
    "a hook": hooked,
    "another forward": lambda: Doubled(4, 6),
}


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_who_cannot_take_part_is_called(name: str) -> None:
    """In order, so that random numbers are the same."""
    module, other = BY_THEMSELVES[name](), gw.nn.LSTM(4, 6)
    x = numbers(5, 1, 4)
    sample = (x[0] if name == "one step" else x).to(next(module.parameters()).dtype)
    calls: Calls = [partial(module, sample), partial(other, x), partial(module, sample), x.sum]
    assert _walk(calls[0]) is None and _walk(calls[1]) is not None
    torch.manual_seed(3)
    expected = tensors_of([call() for call in calls])
    torch.manual_seed(3)
    assert all(map(torch.equal, tensors_of(gw.nn.side_by_side(*calls)), expected))


def test_a_call_says_itself_what_is_wrong_with_it() -> None:
    module = gw.nn.LSTM(3, 4)
    x = torch.randn(5, 2, 3)
    with pytest.raises(TypeError, match=r"forward.*foo"):
        gw.nn.side_by_side(partial(module, x, foo=1), partial(module, x))


def test_under_autocast_transforms_and_a_compiler() -> None:
    a, b, x = gw.nn.LSTM(4, 6), gw.nn.GRU(4, 5), numbers(5, 1, 4)
    calls = [partial(a, x), partial(b, x)]
    with torch.autocast("cpu", torch.bfloat16):
        expected = tensors_of([call() for call in calls])
        assert all(map(torch.equal, tensors_of(gw.nn.side_by_side(*calls)), expected))

    def run(x: Tensor) -> Tensor:
        (first, _), (second, _) = gw.nn.side_by_side(partial(a, x), partial(b, x))
        return first.sum() + second.sum()

    torch.testing.assert_close(torch.func.grad(run)(x), torch.autograd.functional.jacobian(run, x))
    torch._dynamo.reset()
    compiled = torch.compile(run, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), run(x))
    torch._dynamo.reset()


def test_an_error_in_one_corrupts_nothing() -> None:
    a, b = gw.nn.LSTM(4, 12, 2), gw.nn.GRU(4, 9)
    x = numbers(8, 1, 4)
    right: Calls = [partial(a, x), partial(b, x)]
    for grad in (True, False):
        with torch.set_grad_enabled(grad):
            expected = tensors_of([call() for call in right])
            for wrong in (partial(b, numbers(8, 1, 3)), partial(b, x, lengths=[9]), lambda: 1 // 0):
                with pytest.raises((ValueError, ZeroDivisionError)):
                    gw.nn.side_by_side(right[0], wrong)  # type: ignore[arg-type]
                got = tensors_of(gw.nn.side_by_side(*right))
                assert all(map(torch.equal, got, expected))
    check(right)


def test_an_error_while_kernels_run_corrupts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Calls = [
        partial(gw.nn.LSTM(4, 12, 2), numbers(8, 1, 4)),
        partial(gw.nn.GRU(4, 9), numbers(8, 1, 4)),
    ]
    expected = with_gradients(lambda: [call() for call in calls], calls)

    def fails(*arguments: Any) -> None:
        raise MemoryError

    for name in ("run", "run_backward"):
        with monkeypatch.context() as patch, pytest.raises(MemoryError):
            patch.setattr(autograd.launch, name, fails)
            with_gradients(lambda: gw.nn.side_by_side(*calls), calls)
        got = with_gradients(lambda: gw.nn.side_by_side(*calls), calls)
        assert all(map(torch.equal, got, expected))


def test_gradients_of_gradients_and_keeping_the_graph() -> None:
    a = gw.nn.LSTM(2, 3, dtype=torch.float64)
    b = gw.nn.GRU(2, 2, 2, dtype=torch.float64)
    x, y = numbers(3, 1, 2).double().requires_grad_(), numbers(4, 1, 2).double().requires_grad_()

    def run(x: Tensor, y: Tensor) -> Any:
        return tensors_of(gw.nn.side_by_side(partial(a, x), partial(b, y)))

    assert torch.autograd.gradgradcheck(lambda *t: tuple(run(*t)), (x, y), fast_mode=True)
    first, second = (t[0] for t in gw.nn.side_by_side(partial(a, x), partial(b, y)))
    (gx,) = torch.autograd.grad(first.sum(), x, retain_graph=True)
    assert torch.autograd.grad(first.sum(), y, retain_graph=True, allow_unused=True) == (None,)
    (gy,) = torch.autograd.grad(second.sum(), y)
    assert torch.equal(gx, torch.autograd.grad(a(x)[0].sum(), x)[0])
    assert torch.equal(gy, torch.autograd.grad(b(y)[0].sum(), y)[0])


FORK = """
import os, sys
from functools import partial
import torch
import gatewise as gw
from gatewise.backends.llvm.machine import threads
from tests.nn.modules.test_concurrent import tensors_of, various, with_gradients
threads.WORTH_A_THREAD = -1
torch.set_num_threads(2)
calls = various()
before = with_gradients(lambda: gw.nn.side_by_side(*calls), calls)
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    with torch.no_grad():
        again = tensors_of(gw.nn.side_by_side(*calls))
    os._exit(not all(map(torch.equal, again, before)))
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
print("right")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_computes_the_same() -> None:
    done = child(FORK)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "right\n"


def test_calls_that_pytorch_runs_have_the_same_bits(regions: list[int]) -> None:
    """A step or two with gradients is handed over (``handover.py``), beside others too."""
    short = partial(gw.nn.GRU(4, 5), numbers(1, 3, 4))
    assert _walk(short) is None
    with torch.no_grad():
        assert _walk(short) is not None
    check([short, partial(gw.nn.LSTM(4, 6), numbers(5, 1, 4))])
