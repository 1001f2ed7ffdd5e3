"""Times: parsing, the step between them, positions and back."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks.data.instants import parse
from gatewise.tasks.data.time_step import infer


def clock_of(*texts: str):  # type: ignore[no-untyped-def]
    times, zoned = parse(texts, "ds")
    return infer([np.sort(times)], False, zoned), times


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"), "every hour"),
        (("2024-01-01 00:00", "2024-01-01 00:15", "2024-01-01 00:30"), "every 15 minutes"),
        (("2024-02-28", "2024-02-29", "2024-03-01"), "every day"),
        (("2024-01-01", "2024-01-08", "2024-01-15"), "every week"),
        (("1949-01", "1949-02", "1949-03"), "every month"),
        (("2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29"), "every month"),
        (("2023-01-15", "2023-04-15", "2023-07-15"), "every quarter"),
        (("2019-01-01", "2020-01-01", "2021-01-01"), "every year"),
    ],
)
def test_steps_and_the_way_back(texts: tuple[str, ...], words: str) -> None:
    clock, times = clock_of(*texts)
    assert clock.describe() == words
    np.testing.assert_array_equal(clock.positions(times), np.arange(len(texts)))
    np.testing.assert_array_equal(clock.at(np.arange(len(texts))), times)


def test_month_ends_go_on_as_month_ends() -> None:
    clock, _ = clock_of("2023-11-30", "2023-12-31", "2024-01-31")
    following = clock.at(np.array([3, 4])).astype("datetime64[us]").astype("datetime64[D]")
    assert list(map(str, following)) == ["2024-02-29", "2024-03-31"]


def test_a_gap_is_a_jump_of_positions() -> None:
    clock, times = clock_of("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-06")
    assert list(clock.positions(times)) == [0, 1, 2, 5]


def test_a_time_between_the_steps_is_named() -> None:
    with pytest.raises(InputError, match="2024-01-01 02:20:00 does not fit the time step"):
        clock_of("2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00", "2024-01-01 02:20")


def test_a_bad_date_is_named_with_its_row() -> None:
    with pytest.raises(InputError, match=r"column 'ds', row 2: '31\.02\.2024' is not a date"):
        parse(["2024-01-01", "31.02.2024"], "ds")


def test_zones_are_kept_in_utc_and_not_mixed() -> None:
    times, zoned = parse(["2024-01-01T01:00+01:00", "2024-01-01T01:00+00:00"], "ds")
    assert zoned
    assert times[1] - times[0] == 3600 * 10**6
    with pytest.raises(InputError, match="row 2: some times carry a time zone"):
        parse(["2024-01-01T01:00+01:00", "2024-01-01T02:00"], "ds")


def test_cycles_of_the_calendar() -> None:
    assert clock_of("2024-01-01 00:00", "2024-01-01 01:00")[0].cycles() == (24, 168)
    assert clock_of("2024-01-01", "2024-01-02")[0].cycles() == (7, 365)
    assert clock_of("2024-01", "2024-02")[0].cycles() == (12,)


def test_a_step_that_is_seldom_seen_because_rows_are_missing() -> None:
    draw = np.random.default_rng(0)
    hours = np.flatnonzero(draw.random(300) < 0.35) * 3_600_000_000
    clock = infer([hours.astype(np.int64)], False)
    assert clock.describe() == "every hour"
