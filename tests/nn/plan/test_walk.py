"""Walks: values that hold what is to be run next."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.walk import Done, LayerWalk, PendingFrames, PendingLayers, drive


def call(key: str) -> LayerCall:
    return LayerCall(key, [], [], [], [], [], None, None, False, ())


def walk_of(keys: list[str], outputs: tuple[float, ...] = ()) -> LayerWalk[tuple[float, ...]]:
    """A walk through layers of these keys, which ends in what they gave."""
    if not keys:
        return Done(outputs)

    def resume(results: list[LayerResult]) -> LayerWalk[tuple[float, ...]]:
        return walk_of(keys[1:], (*outputs, *(float(r.output) for r in results)))

    return PendingLayers([call(keys[0])], resume)


def run(calls: list[LayerCall]) -> list[LayerResult]:
    return [LayerResult(torch.tensor(float(c.key)), [], []) for c in calls]


def test_a_walk_is_driven_to_its_end() -> None:
    assert drive(walk_of(["1", "2", "3"]), run) == (1.0, 2.0, 3.0)
    assert drive(walk_of([]), run) == ()


def test_then_changes_the_result_alone() -> None:
    walk = walk_of(["1", "2"]).then(sum)
    assert isinstance(walk, PendingLayers) and walk.calls[0].key == "1"
    assert drive(walk, run) == 3.0
    assert walk_of([]).then(len) == Done(0)


def test_a_walk_does_not_change_when_it_is_resumed() -> None:
    """So one may be resumed with other results."""
    walk = walk_of(["1", "2"])
    assert isinstance(walk, PendingLayers)
    for first in (5.0, 7.0):
        assert drive(walk.resume([LayerResult(torch.tensor(first), [], [])]), run) == (first, 2.0)
    with pytest.raises(AttributeError):
        walk.calls = []  # type: ignore[misc]


def test_frames_end_as_layers_do() -> None:
    frames: list[Any] = [object()]
    walk = PendingFrames(frames, lambda: Done(3)).then(lambda n: n + 1)
    assert walk.frames is frames
    assert walk.resume() == Done(4)
