"""``python -m benchmarks.tasks [name ...]``: measure, and write ``benchmarks/results/tasks.json`` and ``.txt``."""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parents[1] / "results"
SEEDS = (0, 1, 2)
SPEED = ("speed-m4", "speed-etth1", "speed-airline")
NAMES = (
    "m4",
    "m4-quick",
    "etth1",
    "etth1-recent",
    "airline",
    "temperatures",
    "seattle",
    "pollution",
)
SHOWN = (
    "sMAPE",
    "MASE",
    "MSE",
    "MAE",
    "error",
    "its error",
    "ratio",
    "in 80 %",
    "in 90 %",
    "fit seconds",
    "peak MB",
)


def main() -> None:
    """Run what is asked for, one process a fit, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        help=f"of {', '.join((*NAMES, *SPEED))}; speed: all of those; everything if left out",
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--rounds", type=int, default=3, help="of speed")
    parser.add_argument("--threads", type=int, help="of torch; its own choice if left out")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one[0], int(options.one[1]), options.rounds)))
        return
    if unknown := set(options.names) - {*NAMES, *SPEED, "speed"}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    for name in options.names or (*NAMES, "speed"):
        parts = SPEED if name == "speed" else (name,)
        for part in parts:
            for seed in (0,) if part in SPEED else options.seeds:
                keep(part, seed, started(part, seed, options))
    print(RESULTS / "tasks.txt")


def one(name: str, seed: int, rounds: int) -> dict[str, Any]:
    """One measurement, in this process."""
    import torch

    from benchmarks.tasks.scores import PROTOCOLS
    from benchmarks.tasks.speed import compared
    from benchmarks.timing import machine

    if name in SPEED:
        out = compared(name.removeprefix("speed-"), rounds, seed)
    else:
        out = PROTOCOLS[name](seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return out | {"peak MB": round(peak), "threads": torch.get_num_threads(), "machine": machine()}


def started(name: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """The same in a process of its own."""
    words = [
        sys.executable,
        "-m",
        "benchmarks.tasks",
        "--one",
        name,
        str(seed),
        "--rounds",
        str(options.rounds),
    ]
    more = {} if options.threads is None else {"OMP_NUM_THREADS": str(options.threads)}
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ | more, check=False)
    if done.returncode:
        raise SystemExit(f"{name}, seed {seed}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    told = {k: v for k, v in figures.items() if isinstance(v, int | float)}
    print(name, seed, {k: round(v, 4) for k, v in told.items()}, flush=True)
    return figures


def keep(name: str, seed: int, figures: dict[str, Any]) -> None:
    """Put a measurement into the results, and write both files."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "tasks.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results.setdefault(name, {})[str(seed)] = figures
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    (RESULTS / "tasks.txt").write_text("\n".join(written(results)) + "\n")


def written(results: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """All results as text: mean and spread over the seeds, none left out."""
    lines = [
        "defaults only (but for m4-quick: steps=100, members=1); mean over seeds, and in brackets least and most",
        "",
    ]
    for name in (n for n in NAMES if n in results):
        runs = list(results[name].values())
        lines.append(f"{name}: seeds {', '.join(sorted(results[name]))}; on {runs[0]['machine']}")
        if "best baseline" in runs[0]:
            lines.append(
                "  best baseline  " + ", ".join(sorted({r["best baseline"] for r in runs}))
            )
        for figure in (f for f in SHOWN if f in runs[0]):
            values = [run[figure] for run in runs]
            mean = statistics.mean(values)
            lines.append(f"  {figure:<13}  {mean:9.4g}  ({min(values):.4g} to {max(values):.4g})")
        lines.append("")
    for name in (n for n in SPEED if n in results):
        run = results[name]["0"]
        seconds = ", ".join(f"{k} {v:.1f} s" for k, v in run["seconds"].items())
        lines.append(
            f"{name}: {seconds}: {run['ratio']:.2f}x, a step {run['ratio of a step']:.2f}x; {run['machine']}"
        )
    covered = [
        (level, statistics.mean(run[f"in {level} %"] for run in results[n].values()))
        for n in NAMES
        if n in results and n != "m4-quick"
        for level in (80, 90)
    ]
    for level in (80, 90):
        if covers := [v for k, v in covered if k == level]:
            lines.append(
                f"coverage of {level} %, mean over the data sets: {statistics.mean(covers):.1f} %"
            )
    return lines


if __name__ == "__main__":
    main()
