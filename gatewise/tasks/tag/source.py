"""What a tagger is given: besides arrays and tables, sounds and WFDB records with what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.tasks.audio import recordings
from gatewise.tasks.audio.features import Features
from gatewise.tasks.audio.recordings import read_recording
from gatewise.tasks.sequences.folders import Files, signal_files
from gatewise.tasks.sequences.reading import HOP, frames_of, frames_of_sounds
from gatewise.tasks.sequences.source import FILE
from gatewise.tasks.steps.source import StepSource, joined, names_of, of_records, read_steps
from gatewise.tasks.tag.options import Options
from gatewise.tasks.tag.recordings import (
    BEAT,
    NEAR,
    NONE,
    SAID,
    labels_of_records,
    labels_of_sounds,
)


def read_tagged(
    X: Any, y: Any, options: Options, lengths: Any, groups: Any, labelled: bool
) -> StepSource:
    """Read what a tagger is given.

    Args:
        X: as ``read_steps`` takes it; with ``options.sounds`` arrays of samples; the path of a sound or a WFDB
            record or of a folder of them, or a list of such paths.
        y: [N] arrays [T] or [T, K]; None where files say it.
        options: names of columns, and how sounds are read.
        lengths: [N] for sequences in one array.
        groups: [N] whose sequences stay together.
        labelled: whether labels are read; answers need none.

    Raises InputError for what cannot be read or does not fit together.
    """
    files = signal_files(X, options.pattern)
    if files is None:
        if options.sounds is not None:
            frames = frames_of_sounds(X, options.sounds)
            source = read_steps(frames, y, options, lengths=lengths, groups=groups)
            features = Features.of("log-mel", options.sounds, HOP)
            return replace(source, rate=options.sounds, pace=features.hop / options.sounds)
        return read_steps(X, y, options, lengths=lengths, groups=groups)
    groups = files.groups if groups is None else groups
    if files.kind == "record":
        return _of_records(files, y, options, groups, labelled)
    return _of_sounds(files, y, options, groups, labelled)


def check_labelled(source: StepSource, options: Options) -> None:
    """Raises InputError where nothing is said of the steps, with where to say it."""
    if source.y is not None:
        return
    if source.rate is not None and source.named == FILE:
        raise InputError(
            "there are no labels: beside each recording (take1.wav) a file says what is heard in it, take1.txt (a "
            "label track of Audacity) or take1.csv with the columns start, end and label, in seconds"
        )
    if source.named == FILE:
        raise InputError("there are no annotations beside the records, such as 100.atr")
    if options.labels:
        raise InputError(f"the table has no column {options.labels[0]!r}, which label names")


def settled(source: StepSource, options: Options) -> Options:
    """The options with what recordings say of them: rates, what is no event, how near a beat is."""
    if source.rate is not None:
        options = replace(options, sounds=source.rate)
    if source.pace is None:
        return options
    rate = options.rate or 1 / source.pace
    background = options.background
    if background is None and source.y is not None and source.y.ndim == 1:
        background = NONE if (source.y == NONE).any() else None
    tolerance = options.tolerance
    if tolerance is None and source.rate is None and source.labels[:1] != ("rhythm",):
        tolerance = round(NEAR / source.pace)
    return replace(options, rate=rate, background=background, tolerance=tolerance)


def _of_sounds(files: Files, y: Any, options: Options, groups: Any, labelled: bool) -> StepSource:
    sounds = [read_recording(path) for path in files.paths]
    rate = options.sounds or recordings.common_rate(sounds)
    features = Features.of("log-mel", rate, HOP)
    sequences, pace = frames_of(sounds, features), features.hop / rate
    notes = (*recordings.describe(sounds, rate), features.describe())
    said: Array | None = None
    names, remarks = options.labels, tuple[str, ...]()
    if y is not None:
        said = joined(y, sequences)
        names = options.labels or names_of(said)
    elif labelled:
        said, names, remarks = labels_of_sounds(files.paths, sequences.starts, pace, options.labels)
    return StepSource(
        sequences,
        said,
        names,
        None if groups is None else np.asarray(groups),
        files.names,
        "pandas",
        np.arange(sequences.starts[-1]),
        named=FILE,
        pace=pace,
        rate=rate,
        notes=(*notes, *remarks),
    )


def _of_records(files: Files, y: Any, options: Options, groups: Any, labelled: bool) -> StepSource:
    source = of_records(files, options, groups)
    if y is not None:
        said = joined(y, source.sequences)
        return replace(source, y=said, labels=options.labels or names_of(said))
    if not labelled:
        return source
    what = (*options.labels, BEAT)[0]
    if what not in SAID or len(options.labels) > 1:
        raise InputError(
            f"of WFDB records the label is one of {', '.join(SAID)}, not {', '.join(options.labels)}"
        )
    assert source.pace is not None
    starts = source.sequences.starts
    annotated, remarks = labels_of_records(files.paths, starts, 1 / source.pace, what)
    return replace(source, y=annotated, labels=(what,), notes=(*source.notes, *remarks))
