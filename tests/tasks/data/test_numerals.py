"""Numbers as people write them: one reading, or the cell that does not allow it."""

from __future__ import annotations

import numpy as np
import pytest

from gatewise.tasks.data.numerals import Problem, could_be, read

READ: dict[str, tuple[list[str], list[float], str]] = {
    "groups by points": (["1.495,67", "995,5"], [1495.67, 995.5], ""),
    "groups by commas": (["1,495.67", "2,000,000"], [1495.67, 2e6], ""),
    "groups of India": (["12,34,567.50"], [1234567.5], ""),
    "groups by apostrophes": (["1'234.50", "1’234"], [1234.5, 1234.0], ""),
    "groups by no-break spaces": (
        ["1\u00a0234,5", "12\u202f345,6", "7\u2009000"],
        [1234.5, 12345.6, 7000],
        "",
    ),
    "groups beside small numbers": (["1,495", "999", "3,345"], [1495, 999, 3345], ""),
    "decimals of three places": (["0,123", "1,495"], [0.123, 1.495], ""),
    "in parentheses": (["(50.82)", "16"], [-50.82, 16], ""),
    "a minus behind": (["5-", "6"], [-5, 6], ""),
    "a typographic minus": (["−5", "–6.5"], [-5, -6.5], ""),
    "dollars": (["$449.18", "-$5", "($6)"], [449.18, -5, -6], "$"),
    "a code": (["EUR 5", "5,50 EUR"], [5, 5.5], "EUR"),
    "reais": (["R$ 1.234,50"], [1234.5], "R$"),
    "kroner": (["100 kr.", "5 kr"], [100, 5], "kr"),
    "whole amounts": (["12,-", "1.495,-"], [12, 1495], ""),
    "percent": (["5%", "0", "6,5 %"], [5, 0, 6.5], "%"),
}


@pytest.mark.parametrize("name", READ)
def test_one_reading(name: str) -> None:
    texts, values, unit = READ[name]
    numbers = read(texts)
    assert not isinstance(numbers, Problem), numbers
    np.testing.assert_array_equal(numbers[0], values)
    assert numbers[1].unit == unit


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "thousands or decimals": (["1,495", "12,345"], 0, "1495 (a mark between thousands) or 1.495"),
    "two decimal marks": (["1.5", "1,5", "2.5"], 1, "written in another way than '1.5'"),
    "two currencies": (["$5", "€6", "$7"], 1, "another unit than other rows"),
    "percent here and there": (["5%", "1.5", "2"], 0, "has a % sign, and other rows have none"),
    "no percent here and there": (["5%", "1%", "2"], 2, "has no % sign"),
    "a unit of measurement": (["5 kg"], 0, "is not a number"),
    "groups of the wrong size": (["1,49,5.5", "2"], 0, "is not a number"),
    "a word": (["5", "many"], 1, "is not a number"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_cell_is_named(name: str) -> None:
    texts, place, message = REFUSED[name]
    problem = read(texts)
    assert isinstance(problem, Problem)
    assert problem.place == place
    assert message in problem.what


def test_what_a_person_says_decides() -> None:
    for decimal, value in ((".", 1495.0), (",", 1.495)):
        numbers = read(["1,495"], decimal)
        assert not isinstance(numbers, Problem)
        assert numbers[0][0] == value
    assert isinstance(read(["1.5"], ","), Problem)


@pytest.mark.parametrize(
    "text", ["2024-01-31", "01.02.2024", "1.2.3", "A1", "", "-", "12:30", "1-2"]
)
def test_no_number(text: str) -> None:
    assert not could_be(text)
