"""Cells on a GPU: the ways of the Triton backend, checked and timed, beside other tools.

    python -m benchmarks.gpu [--out FOLDER] [--flashrnn WHEEL] [--rehearse]

A card is seldom at hand, and then for minutes. So one command does everything within eight minutes, what is
worth most first. Each section runs in processes of its own: one that hangs or dies costs its case only.
"""
