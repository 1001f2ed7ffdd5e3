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

from gatewise.backends.llvm.frame import Frame
from gatewise.backends.llvm.kernel import BUFFERS, address
from gatewise.backends.llvm.threads import parallel, worth


def run(frames: Sequence[Frame]) -> None:
    """Run frames that are ready, and let go of them."""
    if len(frames) == 1:
        frames[0].run(frames[0].rows)
    else:
        _run(frames)
    _release(frames)


def go_back(frames: Sequence[Frame], arrays: Sequence[Sequence[int]]) -> None:
    """Run backward frames that are ready, put the gradients of parameters into ``arrays`` (those of
    each frame), and let go of the frames."""
    ways = [(f, f.gradients, f.gradients.pieces(f.rows)) for f in frames]
    if len(ways) > 1 and all([len(pieces) == 1 for _, _, pieces in ways]):
        held = []
        for frame, gradients, pieces in ways:
            held.append(gradients.hold(frame.rows, pieces))
            gradients.aim(frame, pieces[0])
        _run(frames)
        for (frame, gradients, pieces), to in zip(ways, arrays, strict=True):
            gradients.multiply(pieces[0], to)
            gradients.collect(frame.rows, to)
        for memory in held:
            BUFFERS.give(memory)
    else:  # what is read back while it is in the caches leaves no room there for another run
        for (frame, gradients, pieces), to in zip(ways, arrays, strict=True):
            memory = gradients.hold(frame.rows, pieces)
            for piece in pieces:
                gradients.aim(frame, piece)
                frame.run(frame.rows, piece.first, piece.tiles, piece.steps)
                gradients.multiply(piece, to)
            gradients.collect(frame.rows, to)
            BUFFERS.give(memory)
    _release(frames)


def _run(frames: Sequence[Frame]) -> None:
    count = worth(min([f.threads for f in frames]), sum([f.work for f in frames]))
    if count == 1:
        for frame in frames:
            frame.run(frame.rows)
        return
    tiles, pool = sum([len(f.rows.tiles) for f in frames]), []
    for frame in frames:
        if frame.by_team(count, tiles):
            frame.run(frame.rows)
        else:
            pool.append(frame)
    if pool:
        # the largest tiles first, so that all threads end at about the same time
        pool.sort(key=lambda f: f.largest, reverse=True)
        tiles = sum([f.open(count) for f in pool])
        table = np.array([len(pool), *[n for f in pool for n in f.call]], np.int64)
        parallel(pool[0].kernel.shared.each, address(table), min(count, tiles))


def _release(frames: Sequence[Frame]) -> None:
    for frame in reversed(frames):  # the next call takes them in the same order, weights and all
        if frame.home is not None:
            frame.home.append(frame)
