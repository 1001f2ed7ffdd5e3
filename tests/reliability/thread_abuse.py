"""Eight ways to treat threads badly, each in a process of its own: ``python -m tests.reliability.thread_abuse KIND``.

Each compares all results with those of a quiet process, and exits with 0 if none was different.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

import gatewise as gw
from gatewise.backends.llvm.machine import threads

CALLERS = 8
TOLERANCE = 1e-6  # in a forked child other kernels may run: on one thread, and on other tiles


def net(hidden: int = 32, cell: str = "lstm", inputs: int = 8, **options: Any) -> gw.nn.Recurrent:
    torch.manual_seed(0)
    return gw.nn.Recurrent(cell, inputs, hidden, backend="llvm", **options)


def at_once(work: Callable[[int], None]) -> None:
    """Do it on eight threads. Raises what one of them raised."""
    problems: list[BaseException] = []

    def caller(number: int) -> None:
        try:
            work(number)
        except BaseException as problem:
            problems.append(problem)

    callers = [threading.Thread(target=caller, args=(k,)) for k in range(CALLERS)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    if problems:
        raise problems[0]


def one_module_for_all() -> None:
    """Threads call one module at once, with inputs of their own."""
    for options in ({}, {"hidden": 96, "num_layers": 2, "bidirectional": True}, {"hidden": 200}):
        module = net(**options).eval()  # type: ignore[arg-type]
        inputs = [torch.randn(5 + 3 * k, 1 + k % 5, 8) for k in range(CALLERS)]
        with torch.no_grad():
            expected = [module(x)[0].clone() for x in inputs]

        def work(k: int) -> None:
            with torch.no_grad():
                for _ in range(40):
                    assert torch.equal(module(inputs[k])[0], expected[k])  # noqa: B023

        at_once(work)


def training_at_once() -> None:
    """Threads train modules of one shape, forward and backward, each its own."""
    x = torch.randn(12, 5, 8)

    def gradient(module: torch.nn.Module) -> torch.Tensor:
        module.zero_grad()
        module(x)[0].square().sum().backward()
        return torch.cat([p.grad.reshape(-1) for p in module.parameters()])

    for hidden in (20, 150):
        expected = gradient(net(hidden))

        def work(k: int) -> None:
            module = net_of_its_own(hidden)  # noqa: B023
            for _ in range(20):
                assert torch.equal(gradient(module), expected)  # noqa: B023

        at_once(work)


_making = threading.Lock()


def net_of_its_own(hidden: int, cell: str = "lstm") -> gw.nn.Recurrent:
    with _making:  # the seed is the process's
        return net(hidden, cell)


def made_and_dropped() -> None:
    """Modules of new sizes are made, compiled, used and dropped on all threads."""

    def work(k: int) -> None:
        for j in range(3):
            hidden, cell = 3 + (5 * k + j) % 23, ("lstm", "gru", "peephole_lstm")[j]
            module = net_of_its_own(hidden, cell)
            plain = gw.nn.Recurrent(cell, 8, hidden, backend="eager")
            plain.load_state_dict(module.state_dict())
            x = torch.randn(4, 2, 8)
            output = module(x)[0]
            output.sum().backward()
            torch.testing.assert_close(output, plain(x)[0], rtol=1e-4, atol=1e-5)
            del module, output
            gc.collect()

    at_once(work)


def forked_while_running() -> None:
    """The process forks while other threads are inside of kernels; children run and compile."""
    module, x = net(128).eval(), torch.randn(200, 16, 8)
    with torch.no_grad():
        expected = module(x)[0].clone()
    stop = threading.Event()

    def spin() -> None:
        with torch.no_grad():
            while not stop.is_set():
                module(x)

    spinning = [threading.Thread(target=spin, daemon=True) for _ in range(2)]
    for one in spinning:
        one.start()
    for k in range(25):
        time.sleep(random.random() * 0.02)
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                signal.alarm(60)
                torch.set_num_threads(1)  # as a DataLoader's workers do: OpenMP's threads are gone
                with torch.no_grad():
                    assert torch.allclose(module(x)[0], expected, atol=TOLERANCE)
                if k % 5 == 0:
                    net(7 + k, "gru")(torch.randn(3, 2, 8))[0].sum().backward()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(pid, 0)
        assert status == 0, f"child {k} ended with {status}"
    stop.set()
    for one in spinning:
        one.join()


def interrupted() -> None:
    """Ctrl-C in the middle of long kernels; what runs afterwards is right."""
    module, x = net(256), torch.randn(1500, 8, 8)
    with torch.no_grad():
        expected = module(x)[0].clone()
        start = time.monotonic()
        module(x)
        seconds = time.monotonic() - start

    def interrupt() -> None:
        time.sleep(seconds * random.random())
        os.kill(os.getpid(), signal.SIGINT)

    heard = 0
    for k in range(8):
        killer = threading.Thread(target=interrupt)
        try:
            killer.start()
            if k % 2:
                with torch.no_grad():
                    module(x)
            else:
                module(x)[0].sum().backward()
            killer.join()
            time.sleep(0.01)
        except KeyboardInterrupt:
            heard += 1
        killer.join()
        with torch.no_grad():
            assert torch.equal(module(x)[0], expected)
    assert heard == 8


class Made(Dataset[torch.Tensor]):
    """Items that a module makes, in the workers."""

    def __init__(self) -> None:
        self.module: gw.nn.Recurrent | None = None

    def __len__(self) -> int:
        return 12

    def __getitem__(self, k: int) -> torch.Tensor:
        if self.module is None:
            self.module = net(9, inputs=3).eval()
        with torch.no_grad():
            return self.module(torch.full((4, 2, 3), float(k)))[0]


def loaders() -> None:
    """Workers of a DataLoader run modules, however they are started."""
    parent = Made()
    expected = [parent[k] for k in range(12)]
    for start in ("fork", "spawn", "forkserver"):
        items = parent if start == "fork" else Made()
        loader = DataLoader(items, batch_size=1, num_workers=2, multiprocessing_context=start)
        for batch, one in zip(loader, expected, strict=True):
            torch.testing.assert_close(batch[0], one, rtol=0, atol=TOLERANCE)


def numbers_that_change() -> None:
    """The number of threads changes between calls, also on other threads."""
    module, x = net(160), torch.randn(50, 40, 8)
    with torch.no_grad():
        expected = module(x)[0].clone()

    def work(k: int) -> None:
        for n in range(12):
            torch.set_num_threads(1 + (n + k) % 4)
            threads.set_num_threads((1, 2, 3, 8, None)[(n + k) % 5])
            with torch.no_grad():
                assert torch.equal(module(x)[0], expected)
            if n % 6 == 0:
                module(x)[0].sum().backward()

    at_once(work)
    threads.set_num_threads(None)


def more_threads_than_cores() -> None:
    """Kernels whose threads meet at every step, on many more threads than cores, pinned to one."""
    module, x = net(512, inputs=64).eval(), torch.randn(40, 1, 64)
    with torch.no_grad():
        expected = module(x)[0].clone()
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    try:
        for pinned in (False, True):
            if pinned and allowed:
                os.sched_setaffinity(0, {min(allowed)})
            for count in (2, 4, 8, 16):
                threads.set_num_threads(count)
                with torch.no_grad():
                    for _ in range(3):
                        assert torch.equal(module(x)[0], expected)
    finally:
        threads.set_num_threads(None)
        if allowed:
            os.sched_setaffinity(0, allowed)


KINDS = {
    kind.__name__: kind
    for kind in (
        one_module_for_all,
        training_at_once,
        made_and_dropped,
        forked_while_running,
        interrupted,
        loaders,
        numbers_that_change,
        more_threads_than_cores,
    )
}

if __name__ == "__main__":
    faulthandler.enable()
    random.seed(0)
    torch.set_num_threads(2)
    KINDS[sys.argv[1]]()
