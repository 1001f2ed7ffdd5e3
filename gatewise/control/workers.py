"""Environments side by side, in this process or each in a worker of its own, and how workers end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

# what a pipe raises whose other end is gone
DEAD = (EOFError, BrokenPipeError, ConnectionResetError)


def vector(make: Callable[..., Any], count: int, workers: bool, seed: int, apart: bool) -> Any:
    """``count`` environments side by side, in this process or each in one of its own; see ``Environments``."""
    from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

    from gatewise.control.wrappers import Episodes, limit_of

    parent = os.getpid()

    def one(index: int) -> Callable[[], Any]:
        def single() -> Any:
            if os.getpid() != parent:
                # Ctrl-C reaches all processes of a terminal: the parent decides when they end
                signal.signal(signal.SIGINT, signal.SIG_IGN)
            env = make()
            limit = limit_of(env) if apart else None
            first = None if limit is None else -(-limit * (index + 1) // count)
            return Episodes(env, seed, index, first)

        return single

    makers = [one(k) for k in range(count)]
    if not workers:
        return SyncVectorEnv(makers, copy=False, autoreset_mode=AutoresetMode.SAME_STEP)
    return AsyncVectorEnv(
        makers,
        copy=False,
        shared_memory=True,
        context=_context(),
        autoreset_mode=AutoresetMode.SAME_STEP,
    )


def _context() -> str | None:
    """Forked where the system forks: then functions that make environments need not be importable."""
    import multiprocessing

    return "fork" if "fork" in multiprocessing.get_all_start_methods() else None


def dead(envs: Any) -> str:
    """Which worker has died, in words."""
    for k, process in enumerate(getattr(envs, "processes", [])):
        process.join(0.05)  # the system may not have taken note of it yet
        if process.exitcode is not None:
            why = ", as by the system when memory runs out" if process.exitcode == -9 else ""
            return f"the worker of environment {k} has died with exit code {process.exitcode}{why}"
    return "the worker of an environment has died"


def end(envs: Any, at_once: bool = False) -> None:
    """Close environments; ``at_once`` when their workers may not answer."""
    processes = getattr(envs, "processes", [])
    if at_once and processes:
        envs.closed = True
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(0.5)
            if process.is_alive():
                process.kill()
                process.join()
        return
    envs.close()
