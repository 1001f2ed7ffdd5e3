"""A peephole LSTM as a scan in JAX, compiled by XLA."""

from __future__ import annotations

import os
import statistics
import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Two sizes, in bfloat16."""
    if find_spec("jax") is None or arguments.rehearse:
        return {"jax": lambda: {"skipped": "JAX is not installed, or this is a rehearsal"}}
    shapes = ((1024, 16, 768), (1024, 16, 64))
    return {f"jax/T{t}/B{b}/H{h}": partial(_measure, t, b, h) for t, b, h in shapes}


def _measure(steps: int, batch: int, units: int) -> dict[str, Any]:
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    import jax
    import jax.numpy as jnp

    if jax.default_backend() != "gpu":
        return {"skipped": f"JAX sees no GPU, only {jax.default_backend()}"}

    def cell(params: Any, carry: Any, wx: Any) -> Any:
        h, c = carry
        i, f, z, o = jnp.split(wx + h @ params["u"], 4, -1)
        i, f = jax.nn.sigmoid(i + params["p"][0] * c), jax.nn.sigmoid(f + params["p"][1] * c)
        c = f * c + i * jnp.tanh(z)
        h = jax.nn.sigmoid(o + params["p"][2] * c) * jnp.tanh(c)
        return (h, c), h

    def run(params: Any, x: Any) -> Any:
        zero = jnp.zeros((batch, units), x.dtype)
        wx = x @ params["w"] + params["b"]
        return jax.lax.scan(lambda carry, v: cell(params, carry, v), (zero, zero), wx)[1]

    def loss(params: Any, x: Any, seed: Any) -> Any:
        return (run(params, x) * seed).sum()

    keys = jax.random.split(jax.random.PRNGKey(0), 5)
    kind = jnp.bfloat16
    params = {
        "w": jax.random.normal(keys[0], (units, 4 * units), kind) * 0.03,
        "u": jax.random.normal(keys[1], (units, 4 * units), kind) * 0.03,
        "p": jax.random.normal(keys[2], (3, units), kind) * 0.1,
        "b": jnp.zeros(4 * units, kind),
    }
    x, seed = (jax.random.normal(k, (steps, batch, units), kind) for k in keys[3:])
    forward, both = jax.jit(run), jax.jit(jax.grad(loss, argnums=(0, 1)))
    return {
        "forward": _median(lambda: jax.block_until_ready(forward(params, x))) / steps,
        "both": _median(lambda: jax.block_until_ready(both(params, x, seed))) / steps,
    }


def _median(call: Callable[[], object]) -> float:
    """Microseconds of a call, by the clock on the wall: a launch is small beside a thousand steps."""
    call()
    call()
    times = []
    until = time.monotonic() + 1
    while len(times) < 5 or time.monotonic() < until:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e6 * statistics.median(times)
