"""Measurements against other tools, in one run, as ratios of medians. See ``python -m benchmarks``."""
