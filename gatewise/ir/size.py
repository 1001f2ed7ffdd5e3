"""Sizes are linear forms over named sizes: ``H``, ``H + I``, ``H/2``, ``4*K``, ``1``.

A size is never a number while a cell is traced or compiled for any width; ``evaluate`` makes it one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gatewise.errors import SizeError

_TERM = re.compile(r"^(?:(\d+)(?:/(\d+))?\*)?([A-Za-z_][\w.]*)(?:/(\d+))?$|^(\d+)(?:/(\d+))?$")


@dataclass(frozen=True, slots=True)
class Size:
    """``sum of coefficient * name`` plus a constant; ``terms`` is sorted and has no zero."""

    terms: tuple[tuple[str, Fraction], ...] = ()
    const: Fraction = Fraction(0)

    @staticmethod
    def of(value: Size | str | int) -> Size:
        """Make a size from a name, a number or a text such as ``"2*H + I"``.

        Raises SizeError if the text is not a sum of terms.
        """
        if isinstance(value, Size):
            return value
        if isinstance(value, int):
            return Size((), Fraction(value))
        total = Size()
        for part in value.split("+"):
            match = _TERM.match(part.strip().replace(" ", ""))
            if not match or "0" in (match[2], match[4], match[6]):
                raise SizeError(f"{value!r} is not a size: write a sum such as '2*H + I' or 'H/2'")
            if match[3]:
                factor = Fraction(int(match[1] or 1), int(match[2] or 1)) / int(match[4] or 1)
                total += Size(((match[3], factor),) if factor else ())
            else:
                total += Size((), Fraction(int(match[5]), int(match[6] or 1)))
        return total

    def __add__(self, other: Size) -> Size:
        coefficients = dict(self.terms)
        for name, factor in other.terms:
            coefficients[name] = coefficients.get(name, Fraction(0)) + factor
        kept = tuple(sorted((n, f) for n, f in coefficients.items() if f))
        return Size(kept, self.const + other.const)

    def __mul__(self, factor: Fraction | int) -> Size:
        if not factor:
            return Size()
        return Size(tuple((n, f * factor) for n, f in self.terms), self.const * factor)

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __truediv__(self, divisor: int) -> Size:
        return self * Fraction(1, divisor)

    @property
    def names(self) -> frozenset[str]:
        """The named sizes that this one depends on."""
        return frozenset(n for n, _ in self.terms)

    def substitute(self, values: Mapping[str, Size]) -> Size:
        """Replace names by sizes; names that ``values`` lacks stay."""
        total = Size((), self.const)
        for name, factor in self.terms:
            total += values.get(name, Size(((name, Fraction(1)),))) * factor
        return total

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Return the number of units for given named sizes.

        Raises SizeError if a name is missing or the result is not a whole number of at least one.
        """
        total = self.const
        for name, factor in self.terms:
            if name not in sizes:
                raise SizeError(f"size {name} is not given: pass {name}=...")
            total += factor * sizes[name]
        if total.denominator != 1 or total < 1:
            given = ", ".join(f"{n}={sizes[n]}" for n in sorted(self.names))
            need = "must divide evenly" if total > 0 else "must be at least 1"
            raise SizeError(f"size {self} with {given} is {total}: it {need}")
        return int(total)

    def __str__(self) -> str:
        parts = []
        for name, factor in self.terms:
            top = "" if factor.numerator == 1 else f"{factor.numerator}*"
            parts.append(f"{top}{name}" + ("" if factor.denominator == 1 else f"/{factor.denominator}"))
        if self.const or not parts:
            parts.append(str(self.const))
        return " + ".join(parts)


ONE = Size((), Fraction(1))
