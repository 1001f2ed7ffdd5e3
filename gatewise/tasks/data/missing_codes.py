"""Codes such as -999 that stand for a missing value: the least or the largest number, far from all others."""

from __future__ import annotations

import re

import numpy as np

from gatewise.arrays import Floats

# fewer values than this say nothing of what is usual
LEAST = 20
# numbers of nines, and what some instruments and programs write
CODE = re.compile(
    r"-?(9{2,}(\.9+)?|9\.9+|8{3,}|32767|32768|65535|2147483647|2147483648|1e(20|30|35|36))"
)
# a code lies so many widths of the other values away from them; another value that repeats, so many; and one
# that is there once
CODE_GAP, REPEATED_GAP, SINGLE_GAP = 2.0, 5.0, 10.0
# times that a value without the look of a code must be there; share of the values that may be one
REPEATED, MOST_CODES = 3, 0.5
# codes that are looked for in a series, one after another
MOST_KINDS = 3


def find_codes(values: Floats, covariate: bool = False) -> list[float]:
    """The values that stand for a missing one: the least or the largest, far from all others.

    Zero is none, and neither is a value that is there once, unless it looks like a code and is very far away.
    In a covariate only what looks like a code is one: a price of 10 among prices of 1 is a reason, no error.
    """
    rest = values[~np.isnan(values)]
    codes: list[float] = []
    while len(rest) >= LEAST and len(codes) < MOST_KINDS:
        ends = (float(rest.min()), float(rest.max()))
        code = next((c for c in ends if _is_code(c, rest, covariate)), None)
        if code is None:
            break
        codes.append(code)
        rest = rest[rest != code]
    return codes


def _is_code(value: float, values: Floats, covariate: bool) -> bool:
    others = values[values != value]
    count = len(values) - len(others)
    if not value or not len(others) or count > MOST_CODES * len(values):
        return False
    low, high = float(others.min()), float(others.max())
    gap = low - value if value < low else value - high
    looks = CODE.fullmatch(text_of(value)) is not None
    if high == low == 0:
        return looks and value < 0  # what is not zero is an event
    if covariate and (not looks or high == low):
        return False
    width = (high - low) or abs(high)
    if looks and (count > 1 or gap >= SINGLE_GAP * width):
        return bool(gap >= CODE_GAP * width)
    return bool(count >= REPEATED and gap >= REPEATED_GAP * width)


def text_of(value: float) -> str:
    """A code as it is written."""
    return f"{value:.15g}".replace("e+", "e")
