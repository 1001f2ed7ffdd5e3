"""Labels of recordings as labels of their steps: segments and times of sounds, annotations of WFDB records."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from gatewise.arrays import Array, Ints
from gatewise.errors import InputError
from gatewise.tasks.audio.label_files import Segment, Track, label_file, read_track
from gatewise.tasks.sequences.wfdb_records import Annotations, read_annotations

NONE = "none"  # the label of steps that no segment covers
BEAT = "beat"
# what the annotations of a record can say of its samples
SAID = (BEAT, "symbol", "rhythm")
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")  # symbols of beats (PhysioNet, Annotation Codes)
# seconds around a beat that are its event, and that a peak may be away from it
WIDE, NEAR = 0.025, 0.05


def labels_of_sounds(
    paths: Sequence[Path], starts: Ints, pace: float, labels: Sequence[str]
) -> tuple[Array | None, tuple[str, ...], tuple[str, ...]]:
    """What the files beside recordings say of their frames.

    Args:
        paths: of N recordings.
        starts: [N + 1] where the frames of each begin.
        pace: seconds from one frame to the next.
        labels: columns to learn; (): ``label``.

    Returns:
        [S] or [S, K] labels (None where no recording has a file), the names of the K, and remarks.

    Raises InputError for label files that cannot be read or do not fit together.
    """
    files = [label_file(path) for path in paths]
    tracks = [None if file is None else read_track(file, labels) for file in files]
    known = [track for track in tracks if track is not None]
    if not known:
        return None, (), ()
    missing = len(tracks) - len(known)
    notes = (
        (f"labels   {missing} recordings have no label file: their frames count nowhere",)
        if missing
        else ()
    )
    segmented = [track for track in known if track.segments is not None]
    if segmented and len(segmented) < len(known):
        # an empty file says nothing of its kind
        odd = next(track for track in known if track.segments is None)
        if any(track.segments for track in segmented):
            raise InputError(
                f"{odd.path} has labels from time to time, and {segmented[0].path} segments: give all the same"
            )
    if any(track.segments for track in segmented) or len(segmented) == len(known):
        said, names = _of_segments(tracks, starts, pace)
        return said, names, notes
    parts = [
        _of_times(track, int(end - begin), pace)
        for track, (begin, end) in zip(tracks, pairwise(starts), strict=True)
    ]
    width = {part.shape[1:] for part in parts if part is not None}
    (shape,) = width
    filled = [
        np.full((end - begin, *shape), None, dtype=object) if part is None else part.astype(object)
        for part, (begin, end) in zip(parts, pairwise(starts), strict=True)
    ]
    said = np.concatenate(filled)
    return said, tuple(labels) or ("label",), notes


def _of_segments(
    tracks: Sequence[Track | None], starts: Ints, pace: float
) -> tuple[Array, tuple[str, ...]]:
    """[S] the label of each frame; [S, K] of 0 and 1 where several are heard at once."""
    types = sorted({s.label for track in tracks if track for s in track.segments or ()})
    if not types:
        raise InputError("the label files mark nothing: there is nothing to learn")
    code = {label: k for k, label in enumerate(types)}
    inside = np.zeros((int(starts[-1]), len(types)))
    for track, (begin, end) in zip(tracks, pairwise(starts), strict=True):
        if track is None:
            inside[begin:end] = np.nan
            continue
        for segment in track.segments or ():
            first, last = _frames(segment, int(end - begin), pace, track.path)
            inside[begin + first : begin + last, code[segment.label]] = 1
    if np.nansum(inside, axis=1).max(initial=0) > 1:
        return inside, tuple(types)
    unknown = np.isnan(inside[:, 0])
    names = np.array([NONE, *types], dtype=object)
    said = names[
        np.where(unknown, 0, (np.nan_to_num(inside) @ np.arange(1, len(types) + 1))).astype(
            np.int64
        )
    ]
    said[unknown] = None
    return said, ("label",)


def _frames(segment: Segment, count: int, pace: float, path: Path) -> tuple[int, int]:
    """The frames whose middle lies in a segment, at least one. Raises InputError for one behind the end."""
    if segment.begin >= count * pace + pace:
        raise InputError(
            f"{path}: a segment begins at {segment.begin:g} s, and the recording ends at {count * pace:.4g} s. Are "
            "these seconds?"
        )
    first = int(np.clip(np.ceil(segment.begin / pace - 0.5), 0, count))
    last = int(np.clip(np.ceil(segment.end / pace - 0.5), 0, count))
    if first < last:
        return first, last
    middle = min(int((segment.begin + segment.end) / 2 / pace), count - 1)
    return middle, middle + 1


def _of_times(track: Track | None, count: int, pace: float) -> Array | None:
    """[count] or [count, K] what holds at the middle of each frame; missing before the first time."""
    if track is None or track.values is None:
        return None
    at = np.searchsorted(track.times, (np.arange(count) + 0.5) * pace, side="right") - 1
    labels = track.values[np.maximum(at, 0)].astype(object)
    labels[at < 0] = None
    return np.asarray(labels)


def labels_of_records(
    paths: Sequence[Path], starts: Ints, rate: float, what: str
) -> tuple[Array | None, tuple[str, ...]]:
    """[S] what the annotations of WFDB records say of their samples, and remarks; None where there are none.

    Args:
        paths: of the headers of N records.
        starts: [N + 1] where the samples of each begin.
        rate: samples a second.
        what: "beat" (samples within 25 ms of a beat), "symbol" (the symbol of that beat), or "rhythm" (what the
            last note of a rhythm said; before the first one it is not known).

    Raises InputError where the annotations say nothing of the kind.
    """
    annotated = [read_annotations(path) for path in paths]
    if not any(annotated):
        return None, ()
    said = np.full(int(starts[-1]), None, dtype=object)
    for of_record, (begin, end) in zip(annotated, pairwise(starts), strict=True):
        if of_record is not None:
            said[begin:end] = (
                _rhythms(of_record, int(end - begin))
                if what == "rhythm"
                else _beats(of_record, int(end - begin), round(WIDE * rate), what)
            )
    if {label for label in said if label is not None} <= {NONE}:
        raise InputError(
            f"the annotations of {paths[0]} say nothing of a {what}: --label is one of {', '.join(SAID)}"
        )
    missing = sum(of_record is None for of_record in annotated)
    if not missing:
        return said, ()
    return said, (f"labels   {missing} records have no annotations: their samples count nowhere",)


def _beats(annotations: Annotations, count: int, wide: int, what: str) -> Array:
    """[count] "none", and around each beat "beat" or its symbol."""
    said = np.full(count, NONE, dtype=object)
    beats = np.isin(annotations.symbols.astype(str), sorted(BEATS))
    for place, symbol in zip(annotations.places[beats], annotations.symbols[beats], strict=True):
        said[max(0, place - wide) : place + wide + 1] = BEAT if what == BEAT else symbol
    return said


def _rhythms(annotations: Annotations, count: int) -> Array:
    """[count] the rhythm that was noted last."""
    said = np.full(count, None, dtype=object)
    for place, note in zip(annotations.places, annotations.notes, strict=True):
        if str(note).startswith("("):
            said[max(0, place) :] = str(note)[1:]
    return said
