"""Sizes: linear forms over names, read from and written as text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatewise.errors import SizeError
from gatewise.ir import Size

FACTORS = st.fractions(min_value=-99, max_value=99, max_denominator=60).filter(bool)
SIZES = st.builds(
    lambda terms, const: sum(
        (Size(((n, f),)) for n, f in terms.items()), Size((), Fraction(const))
    ),
    st.dictionaries(st.sampled_from(["H", "I", "I_y", "K9", "χ", "a.b"]), FACTORS, max_size=4),
    st.fractions(min_value=-50, max_value=50, max_denominator=12),
)


@given(SIZES)
def test_text_round_trips(size: Size) -> None:
    assert Size.of(str(size)) == size
    assert Size.of(str(size).replace(" ", "")) == size
    assert hash(Size.of(str(size))) == hash(size)


@given(SIZES, SIZES)
def test_arithmetic_is_that_of_numbers(a: Size, b: Size) -> None:
    numbers = dict.fromkeys(["H", "I", "I_y", "K9", "χ", "a.b"], 0)
    numbers |= {n: 3 + k * k for k, n in enumerate(numbers)}

    def at(size: Size) -> Fraction:
        return size.const + sum(f * numbers[n] for n, f in size.terms)

    assert at(a + b) == at(a) + at(b)
    assert at(a - b) == at(a) - at(b)
    assert at(a * Fraction(2, 3)) == at(a) * Fraction(2, 3)
    assert at(a / 4) == at(a) / 4
    assert a - a == Size()
    assert a + b == b + a
    assert a.substitute({"H": b}).names <= (a.names | b.names)
    total = at(a)
    if total.denominator == 1 and 1 <= total:
        assert a.evaluate(numbers) == total
    else:
        with pytest.raises(SizeError):
            a.evaluate(numbers)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("H", "H"),
        ("2*H+I", "2*H + I"),
        ("I+2*H", "2*H + I"),
        ("H/2", "H/2"),
        ("3/2*H", "3*H/2"),
        ("H + H", "2*H"),
        ("H - I", "H - I"),
        ("-I + H", "H - I"),
        ("H - 1", "H - 1"),
        ("0*H + 4", "4"),
        ("7", "7"),
    ],
)
def test_how_it_is_written(text: str, shown: str) -> None:
    assert str(Size.of(text)) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "+",
        "H+",
        "H I",
        "2H",
        "H*2",
        "H/0",
        "00/00*H",
        "1/00",
        "H++I",
        "H//2",
        "٣",
        "H^2",
        "9" * 40,
        "H" * 2000,
        "+".join(f"a{k}" for k in range(500)),
        True,
        2.5,
        None,
        [],
        b"H",
    ],
)
def test_what_is_no_size(text: Any) -> None:
    with pytest.raises(SizeError, match="is not a size"):
        Size.of(text)


def test_evaluation_says_what_is_wrong() -> None:
    for text, numbers, say in (
        ("H/2", {"H": 3}, "size H/2 with H=3 is 3/2: it must divide evenly"),
        ("H - 4", {"H": 3}, "is -1: it must lie in 1"),
        ("H", {}, "size H is not given: pass H="),
        ("999999999*H", {"H": 3}, "must lie in 1"),
        ("0", {}, "size 0 is 0: it must lie in 1"),
    ):
        with pytest.raises(SizeError, match=say):
            Size.of(text).evaluate(numbers)
