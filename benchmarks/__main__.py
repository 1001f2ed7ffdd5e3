"""``python -m benchmarks [TABLE ...] [--threads N] [--clock wall|cpu]``: measure, and write ``results/``.

A table is a file in this folder with a function ``run`` and a row in ``TABLES``. Each writes
``results/TABLE-THREADS.json``; what was printed goes to ``results/NAME-THREADS.txt``.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

import torch

from benchmarks.report import say, told
from benchmarks.timing import CLOCKS, machine, use_clock

TABLES = {
    "layers": "LSTM and GRU at every shape, against PyTorch and ONNX Runtime",
    "ragged": "lengths drawn from 1..T against a PackedSequence; time by the sum of lengths",
    "every_cell": "every cell of the catalogue against our vanilla LSTM",
    "units_apart": "cells without a matrix over a state, on one thread and on all",
    "side_by_side": "both directions of a layer, and two networks, at the same time",
    "bfloat16": "inference with matrices in bfloat16 against float32",
    "low_types": "modules in bfloat16 and float16, and under autocast, against PyTorch and our float32",
    "peephole": "a peephole LSTM against loops in PyTorch, eager and compiled, and a JAX scan",
    "steps": "whole training steps with a linear head and fused Adam",
    "subnormal": "gradients below the normal numbers: a loss at the last step against one at every step",
    "overhead": "one call of the smallest network",
    "levels": "AVX2 forced, beside what the processor has",
    "sweep": "random configurations against torch.nn, by kind and length",
    "busy": "calls and trainings beside busy processes, on all threads and on one",
    "compiling": "a new cell and shape: compiled, and from disk",
    "wide_tables": "forecasting on tables of thousands of series: seconds of the processor by their number",
    "memory_of_sizes": "what modules of many sizes leave when they are gone",
    "control": "policies with memory: frames a second of training, and a step, beside sb3-contrib",
    "memory": "peak memory and time of training by the number of steps, with and without checkpoints",
}


def main() -> None:
    """Measure the tables that are asked for, or all."""
    rows = "\n".join(f"  {name:12s} {about}" for name, about in TABLES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"The CPU backend against other tools.\n\n{rows}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "tables", nargs="*", metavar="TABLE", help="which to measure (default: all)"
    )
    parser.add_argument("--threads", type=int, help="threads for all (default: PyTorch's number)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: for a shared machine")
    parser.add_argument("--name", help="of the text file (default: the tables, or cpu for all)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.tables if name not in TABLES]
    if unknown:
        parser.error(f"there is no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    use_clock(arguments.clock)
    if arguments.threads is not None:
        torch.set_num_threads(arguments.threads)
    threads = torch.get_num_threads()
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    say(machine())
    name = arguments.name or "-".join(arguments.tables) or "cpu"
    for table in arguments.tables or TABLES:
        say(f"\n{table}: {TABLES[table]}")
        result = {"machine": machine(), "table": import_module(f"benchmarks.{table}").run()}
        (folder / f"{table}-{threads}.json").write_text(json.dumps(result, indent=1) + "\n")
        (folder / f"{name}-{threads}.txt").write_text(told())


if __name__ == "__main__":
    main()
