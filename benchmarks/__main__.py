"""``python -m benchmarks``: measure the CPU backend and write ``benchmarks/results/``."""

from benchmarks.cpu import main

main()
