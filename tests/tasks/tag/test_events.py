"""Events from probabilities, against small cases worked out by hand."""

from __future__ import annotations

import numpy as np

from gatewise.tasks.tag.events import Detection, Track, chosen_detection, compared, events_of


def ends(probability: list[float], how: Detection) -> list[tuple[int, int]]:
    return [(e.begin, e.end) for e in events_of(np.array(probability), how)]


def track(said: str, truth: str) -> Track:
    """``#`` is yes, ``.`` no, ``?`` not known."""
    known = np.array([c != "?" for c in truth])
    return Track(
        np.array([float(c == "#") for c in said]), np.array([c == "#" for c in truth]), known
    )


def row(said: str, truth: str, tolerance: int | None = None):  # type: ignore[no-untyped-def]
    return compared("x", [track(said, truth)], Detection(), tolerance)


def test_an_event_begins_high_and_goes_on_while_it_is_not_low() -> None:
    how = Detection(on=0.6, off=0.3)
    assert ends([0.4, 0.7, 0.4, 0.2, 0.5, 0.5], how) == [(0, 3)]
    assert ends([0.7, 0.0, 0.7], how) == [(0, 1), (2, 3)]


def test_gaps_are_closed_before_short_events_are_dropped() -> None:
    said = [0, 1, 0, 1, 0, 0, 0, 1, 0]
    assert ends(said, Detection(gap=1)) == [(1, 4), (7, 8)]
    assert ends(said, Detection(gap=1, least=2)) == [(1, 4)]
    assert ends(said, Detection(least=2)) == []


def test_found_missed_and_false() -> None:
    one = row("..##....#.", "...##.##..")
    assert (one.events, one.hits, one.false, one.delay) == (2, 1, 1, -1.0)
    assert one.recall == one.precision == 0.5
    assert one.false_an_hour(rate=2.0) == 3600 * 2 / 10


def test_an_event_without_end_finds_only_one() -> None:
    assert row("##########", ".##..##..#").hits == 1


def test_a_broken_event_is_found_once_and_nothing_of_it_is_false() -> None:
    one = row("#.#.#", "#####")
    assert (one.hits, one.false) == (1, 0)


def test_points_are_found_within_the_tolerance_and_once() -> None:
    assert row("..#.......", "....#.....", tolerance=2).hits == 1
    assert row("..#.......", ".....#....", tolerance=2).hits == 0
    twice = row("..#.#.....", "...#......", tolerance=2)
    assert (twice.hits, twice.false) == (1, 1)


def test_what_is_not_known_counts_nowhere() -> None:
    one = row("##...##...", "..?????...".replace("..?", "???"))
    assert (one.events, one.false, one.steps) == (0, 0, 3)


def test_the_detection_is_chosen_from_durations_and_the_validation_part() -> None:
    truth = [track("." * 60, ("." * 9 + "#" * 6) * 4)]
    said = np.where(truth[0].truth, 0.35, 0.1)
    how = chosen_detection(
        truth, [Track(said, truth[0].truth, truth[0].known)], None, None, None, None, None
    )
    assert (how.on, how.least, how.gap) == (0.3, 2, 3)
    detection = chosen_detection(truth, truth, None, 0.9, 0.1, 5, 0)
    assert detection == Detection(0.9, 0.1, 5, 0)
