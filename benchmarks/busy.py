"""A machine that others use too: calls and trainings beside busy processes, on all threads and on one.

Each figure is taken in a process of its own, as a user would start it, while so many others do nothing
but compute: ours on all threads, ours on one, PyTorch's layers on all threads. Also eight Python threads
that call modules at once, by OpenMP's threads and by our own pool.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.report import say

COMPETITORS = (0, 1, 4)
SHAPES = {
    "infer": [(1, 100, 64, 512), (32, 100, 64, 128), (8, 200, 16, 32)],
    "train": [(1, 100, 64, 512), (32, 100, 64, 128), (32, 24, 8, 64)],
}
SECONDS = 3.0  # of each measurement

_BURN = "while True: sum(range(100000))"

_CALL = """
import sys, time, statistics, json, torch, gatewise as gw
whose, what, threads, seconds, *shape = json.loads(sys.argv[1])
b, t, i, h = shape
torch.set_num_threads(threads)
torch.manual_seed(0)
module = (gw.nn.LSTM if whose == "ours" else torch.nn.LSTM)(i, h)
x, gradient = torch.randn(t, b, i), torch.ones(t, b, h)
def infer():
    with torch.inference_mode():
        module(x)
def train():
    module(x)[0].backward(gradient)
    module.zero_grad(set_to_none=True)
run = infer if what == "infer" else train
run()
times, end = [], time.monotonic() + seconds
while time.monotonic() < end or len(times) < 3:
    start = time.perf_counter()
    run()
    times.append(time.perf_counter() - start)
print(statistics.mean(times))
"""

_FIT = """
import sys, time, json
from gatewise.tasks import Forecaster
import numpy as np, pandas as pd
place = np.arange(500)
table = pd.concat(
    pd.DataFrame({"unique_id": k, "ds": place, "y": np.sin(place / 4 + k) + np.cos(k * place)})
    for k in range(40)
)
start = time.perf_counter()
Forecaster(24, steps=100, units=64, members=1, random_state=0, time_limit=None).fit(table)
print(time.perf_counter() - start)
"""

_CALLERS = """
import sys, time, threading, torch, gatewise as gw
torch.manual_seed(0)
module = (gw.nn.LSTM if sys.argv[1] != "torch" else torch.nn.LSTM)(8, 200).eval()
inputs = [torch.randn(5 + 3 * k, 1 + k % 5, 8) for k in range(8)]
def call(k):
    with torch.no_grad():
        for _ in range(100):
            module(inputs[k])
for k in range(8):
    call(k)
threads = [threading.Thread(target=call, args=(k,)) for k in range(8)]
start = time.perf_counter()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.perf_counter() - start)
"""


def run() -> list[dict[str, Any]]:
    """Mean seconds of each call by what is run, its shape, threads and busy competitors."""
    cores = len(os.sched_getaffinity(0))
    say(
        f"mean milliseconds of a call beside busy processes, {cores} cores: ours on {cores} threads, ours on 1, "
        f"nn.LSTM on {cores}; then ratios of the first to the others"
    )
    rows = []
    for competitors in COMPETITORS:
        with busy(competitors):
            for what, shapes in SHAPES.items():
                for shape in shapes:
                    rows.append(_calls(what, shape, competitors, cores))
            row: dict[str, Any] = {"what": "fit", "competitors": competitors}
            row |= {"all": _time(_FIT), "one": _time(_FIT, OMP_NUM_THREADS="1")}
            say(
                f"{competitors} busy  a fit of 100 steps  {row['all']:6.1f} s, on one thread {row['one']:6.1f} s"
            )
            rows.append(row)
    row = {"what": "eight callers"}
    row |= {kind: _time(_CALLERS, "ours", GATEWISE_THREADING=kind) for kind in ("openmp", "pool")}
    row["nn.LSTM"] = _time(_CALLERS, "torch")
    say(
        f"eight Python threads, 100 calls each: OpenMP {row['openmp']:.2f} s, pool {row['pool']:.2f} s, "
        f"nn.LSTM {row['nn.LSTM']:.2f} s"
    )
    return [*rows, row]


def _calls(what: str, shape: tuple[int, ...], competitors: int, cores: int) -> dict[str, Any]:
    def seconds(whose: str, threads: int) -> float:
        return _time(_CALL, json.dumps([whose, what, threads, SECONDS, *shape]))

    row = {
        "what": what,
        "shape": shape,
        "competitors": competitors,
        "all": seconds("ours", cores),
        "one": seconds("ours", 1),
        "nn.LSTM": seconds("torch", cores),
    }
    say(
        f"{competitors} busy  {what:6s}{shape!s:20s} {1e3 * row['all']:8.2f} {1e3 * row['one']:8.2f} "
        f"{1e3 * row['nn.LSTM']:8.2f}   {row['all'] / row['one']:5.2f} {row['all'] / row['nn.LSTM']:5.2f}"
    )
    return row


def _time(program: str, argument: str = "", **environment: str) -> float:
    """What a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, argument],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout.split()[-1])


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that compute, for a while."""
    others = [subprocess.Popen([sys.executable, "-c", _BURN]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
