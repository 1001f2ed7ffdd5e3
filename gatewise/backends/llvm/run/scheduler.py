"""Runs that need nothing of each other, at the same time: the directions of a layer, layers of several
networks.

Their tiles are one pool. A thread takes tiles of the first run until there are none left, then goes on
to the next run; where each has a single tile, each gets a thread of its own. Runs whose tiles are better
shared by a team of threads (``team.py``) do not join the pool. A tile is computed as it is alone, so the
bits do not change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.backends.llvm.machine.threads import parallel, worth
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.call_frame import CallFrame
from gatewise.backends.llvm.run.gradients import TileGroup


def run(frames: Sequence[CallFrame]) -> None:
    """Run frames that are ready, and let go of them."""
    if len(frames) == 1:
        frames[0].run(frames[0].rows)
    else:
        count, tiles = _ready(frames)
        pool = [] if count == 1 else [f for f in frames if not f.prefers_team(count, tiles)]
        for frame in frames:
            if frame not in pool:
                frame.run(frame.rows)
        if pool:
            _run_pool(pool, count)
    _release(frames)


def run_backward(frames: Sequence[CallFrame], arrays: Sequence[Sequence[int]]) -> None:
    """Run backward frames that are ready, put the gradients of parameters into ``arrays`` (those of
    each frame), and let go of the frames."""
    count, tiles = (1, 0) if len(frames) == 1 else _ready(frames)
    pool = []
    for frame, to in zip(frames, arrays, strict=True):
        groups = frame.gradients.groups(frame.rows)
        # what a run keeps is read best while it is in the caches: only then the next one has its turn,
        # unless threads would have nothing to do meanwhile
        alone = (
            count == 1
            or len(groups) > 1
            or frame.ends_evenly(count)
            or frame.prefers_team(count, tiles)
        )
        if alone:
            _go_back(frame, groups, to)
        else:
            pool.append((frame, groups, to))
    held = []
    for frame, groups, _ in pool:
        held.append(frame.gradients.hold(frame.rows, groups))
        frame.gradients.aim(frame.arguments, groups[0])
    if pool:
        _run_pool([frame for frame, _, _ in pool], count)
    for (frame, groups, to), memory in zip(pool, held, strict=True):
        frame.gradients.multiply(groups[0], to)
        frame.gradients.collect(frame.rows, to)
        BUFFERS.give(memory)
    _release(frames)


def _go_back(frame: CallFrame, groups: Sequence[TileGroup], arrays: Sequence[int]) -> None:
    rows, gradients = frame.rows, frame.gradients
    memory = gradients.hold(rows, groups)
    for group in groups:
        gradients.aim(frame.arguments, group)
        frame.run(rows, group.first, group.tiles, group.steps)
        gradients.multiply(group, arrays)
    gradients.collect(rows, arrays)
    BUFFERS.give(memory)


def _ready(frames: Sequence[CallFrame]) -> tuple[int, int]:
    """How many threads all are worth, and how many tiles they have."""
    count = worth(min([f.threads for f in frames]), sum([f.work for f in frames]))
    return count, sum([len(f.rows.tiles) for f in frames])


def _run_pool(frames: Sequence[CallFrame], count: int) -> None:
    # the largest tiles first, so that all threads end at about the same time
    pool = sorted(frames, key=lambda f: f.largest_tile, reverse=True)
    tiles = sum([f.open_tiles(count) for f in pool])
    table = np.array([len(pool), *[n for f in pool for n in f.entry_and_arguments]], np.int64)
    parallel(pool[0].kernel.shared.each, address(table), min(count, tiles))


def _release(frames: Sequence[CallFrame]) -> None:
    for frame in reversed(frames):  # the next call takes them in the same order, weights and all
        home, frame.home = frame.home, None  # one that waits does not hold what it waits in
        if home is not None:
            home.append(frame)
