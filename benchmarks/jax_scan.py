"""``jax_scan.py B T I H threads clock``: median seconds of a peephole LSTM's forward and backward pass as
a scan in JAX. Needs JAX and NumPy alone, so it may run in an environment of its own."""

import os
import statistics
import sys
import time

B, T, I, H, THREADS = (int(n) for n in sys.argv[1:6])
clock = {"wall": time.perf_counter, "cpu": time.process_time}[sys.argv[6]]
if THREADS == 1:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):  # what XLA goes by
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

import jax  # noqa: E402  (after what it reads)
import jax.numpy as jnp  # noqa: E402


def cell(params, carry, wx):
    """One step; ``wx`` is the product of the input, made for all steps at once."""
    h, c = carry
    i, f, z, o = jnp.split(wx + h @ params["u"], 4, -1)
    i, f = jax.nn.sigmoid(i + params["p"][0] * c), jax.nn.sigmoid(f + params["p"][1] * c)
    c = f * c + i * jnp.tanh(z)
    h = jax.nn.sigmoid(o + params["p"][2] * c) * jnp.tanh(c)
    return (h, c), h


def loss(params, x, seed):
    """The output against a given gradient."""
    zero = jnp.zeros((B, H))
    wx = x @ params["w"] + params["b"]
    _, output = jax.lax.scan(lambda carry, v: cell(params, carry, v), (zero, zero), wx)
    return (output * seed).sum()


keys = jax.random.split(jax.random.PRNGKey(0), 5)
params = {
    "w": jax.random.normal(keys[0], (I, 4 * H)) * 0.1,
    "u": jax.random.normal(keys[1], (H, 4 * H)) * 0.1,
    "p": jax.random.normal(keys[2], (3, H)) * 0.1,
    "b": jnp.zeros(4 * H),
}
x, seed = jax.random.normal(keys[3], (T, B, I)), jax.random.normal(keys[4], (T, B, H))
step = jax.jit(jax.grad(loss))
jax.block_until_ready(step(params, x, seed))
times = []
until = time.perf_counter() + 2
while len(times) < 5 or time.perf_counter() < until:
    start = clock()
    jax.block_until_ready(step(params, x, seed))
    times.append(clock() - start)
print(statistics.median(times))
