"""One document through everything: refused in one sentence, or every backend agrees with the interpreter.

    python -m tests.reliability.trial NUMBER ...    # says what comes of these mutations

Without arguments it is a worker: it takes numbers, a line each, and answers each with a line of JSON. A
fault that kills it costs one trial.
"""

from __future__ import annotations

import functools
import json
import sys
import traceback
import warnings
from typing import Any

import numpy as np
import torch

import gatewise as gw
from gatewise.errors import GatewiseError
from gatewise.interp import Sequences
from gatewise.lang import Cell, load_cell
from tests.backends.eager.test_eager import by_eager
from tests.backends.llvm.helpers import (
    Results,
    by_interpreter,
    by_kernels,
    draw,
    poisoned,
    resets,
)
from tests.reliability.agreement import Disagreement, Others, agree, nearby
from tests.reliability.mutations import mutated

NUMBERS = {"H": 6, "I": 3, "S": 3, "P": 2}
MEMORY = 8 << 30  # bytes: what wants more fails here, and does not take the machine along


def trial(number: int) -> tuple[str, str]:
    """What came of it and what there is to say: ``refused``, ``unfit`` (not for these sizes), ``agreed``,
    or a fault: ``sentence``, ``exception``, ``disagreement``."""
    what, text = mutated(number)
    try:
        cell = load_cell(text)
    except GatewiseError as error:
        return _sentence(error, "refused", what)
    except Exception:
        return "exception", f"{what}\n{traceback.format_exc()}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run_all(cell, number)
    except GatewiseError as error:
        return _sentence(error, "unfit", what)
    except Disagreement as error:
        return "disagreement", f"{what}\n{error}"
    except Exception:
        return "exception", f"{what}\n{traceback.format_exc()}"
    return "agreed", what


def _sentence(error: GatewiseError, outcome: str, what: str) -> tuple[str, str]:
    said = str(error)
    one = 0 < len(said) < 700 and "\n" not in said and said.isprintable()
    return (outcome if one else "sentence"), f"{what}\n{type(error).__name__}: {said!r}"


def run_all(cell: Cell, seed: int) -> None:
    """Kernels, eager and a module against the interpreter. Raises Disagreement."""
    program = cell.program
    sizes = {n: NUMBERS.get(n, 2) for n in program.sizes}
    program.bind(**sizes)
    rng = np.random.default_rng(seed)
    steps, batch = int(rng.choice([1, 3, 5])), int(rng.choice([1, 2, 5]))
    lengths = rng.integers(0, steps + 1, batch) if rng.random() < 0.5 else None
    marks = resets(steps, batch) if rng.random() < 0.5 else None
    seq = Sequences(steps, batch, lengths, marks, bool(rng.random() < 0.3))
    names = [n for n, _ in program.names if rng.random() < 0.4]
    record = tuple(dict.fromkeys((program.states[0].name, *names)))
    p = draw(program, sizes, seq, record, with_states=bool(rng.random() < 0.7), seed=seed)
    want = by_interpreter(p)
    others: Others = functools.cache(lambda: nearby(p, True))
    with poisoned():
        agree("kernels", by_kernels(p), want, others)
    # next to the largest float it depends on the order of the factors what overflows on the way
    huge = any(isinstance(n.attr, float) and 1e100 < abs(n.attr) for n in program.nodes)
    plain = by_eager(p)
    if huge:
        plain = {k: np.where(np.isfinite(a), a, want[k]) for k, a in plain.items()}
    agree("eager", plain, want, others)
    e = p.evaluation()
    want = by_interpreter(e, backward=False)
    others = functools.cache(lambda: nearby(e, False))
    with poisoned():
        agree("kernels in inference", by_kernels(e, backward=False), want, others)
    by_modules(cell, sizes, seed)


def by_modules(cell: Cell, sizes: dict[str, int], seed: int) -> None:
    """The two backends of a module, forward and back from zeros, and without gradients; or, as the
    seed has it, that the kernels of a module run in float32."""
    program = cell.program
    free_inputs = [i for i in program.inputs if i.rate is None]
    widths = [i.size.evaluate(sizes) for i in free_inputs]
    free = {str(i.size) for i in free_inputs} | {"H"}
    if "H" not in program.sizes:
        free |= {str(program.states[0].size)}
    more = {n: k for n, k in sizes.items() if n not in free}
    hidden = sizes.get("H") or program.states[0].size.evaluate(sizes)

    def module(backend: str, dtype: torch.dtype) -> gw.nn.Recurrent:
        torch.manual_seed(seed)
        return gw.nn.Recurrent(
            cell, tuple(widths), hidden, backend=backend, sizes=more, dtype=dtype
        ).eval()

    def inputs(dtype: torch.dtype) -> Any:
        generator = torch.Generator().manual_seed(seed)
        xs = [
            torch.randn(
                (3, w) if i.per == "sequence" else (4, 3, w), generator=generator, dtype=dtype
            )
            for i, w in zip(free_inputs, widths, strict=True)
        ]
        return xs[0].requires_grad_() if len(xs) == 1 else tuple(x.requires_grad_() for x in xs)

    def solve(backend: str, noise: float = 0.0) -> Results:
        m, x = module(backend, torch.float64), inputs(torch.float64)
        if noise:
            with torch.no_grad():
                for q in m.parameters():
                    q *= 1 + noise * torch.randn(q.shape, dtype=q.dtype)
        with torch.no_grad():
            plain, ends = m(x)
        output, states = m(x)
        total = sum(s.sum() for s in (output, *states))
        leaves = [*(x if isinstance(x, tuple) else (x,)), *m.parameters()]
        grads = [torch.zeros_like(q) for q in leaves]
        if total.requires_grad:
            grads = torch.autograd.grad(total, leaves, allow_unused=True, materialize_grads=True)
        named = {"output": output, "plain": plain}
        named |= {f"state{k}": s for k, s in enumerate(states)}
        named |= {f"end{k}": s for k, s in enumerate(ends)}
        named |= {f"d.{k}": g for k, g in enumerate(grads)}
        return {n: t.detach().numpy() for n, t in named.items()}

    if seed % 2:  # all of it for every program would take twice as long
        want = solve("eager")
        agree("module", solve("llvm"), want, lambda: [solve("eager", 4e-16) for _ in range(2)])
    else:
        single, x = module("llvm", torch.float32).train(), inputs(torch.float32)
        single(x)[0].sum().backward()


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))


def main() -> None:
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        for number in sys.argv[1:]:
            print(*trial(int(number)), sep="\n")
        return
    _limit_memory()
    for line in sys.stdin:
        print(json.dumps(trial(int(line))), flush=True)


if __name__ == "__main__":
    main()
