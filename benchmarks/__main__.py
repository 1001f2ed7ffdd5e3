"""``python -m benchmarks [--threads N] [--clock wall|cpu]``: measure, and write ``results/``."""

import argparse

from benchmarks.cpu import main
from benchmarks.timing import CLOCKS

parser = argparse.ArgumentParser(description="The CPU backend against other tools.")
parser.add_argument("--threads", type=int, help="threads for all (default: PyTorch's number)")
parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: for a shared machine")
arguments = parser.parse_args()
main(arguments.threads, arguments.clock)
