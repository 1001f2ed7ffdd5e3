"""Forecasting on real data, with defaults only. See ``python -m benchmarks.tasks --help``.

Every fit runs in a process of its own, so that its peak of memory is its own. Results are kept by name and
seed in ``benchmarks/results/tasks.json``; what is measured again replaces what was there.
"""
