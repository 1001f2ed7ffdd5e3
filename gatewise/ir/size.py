"""Sizes are sums of products of named sizes: ``H``, ``H + I``, ``H/2``, ``4*K``, ``1``, ``V*K``.

A vector's is linear; the entries of a matrix are counted by a product. A size is never a number while a
cell is traced or compiled for any width; ``evaluate`` makes it one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from gatewise.errors import SizeError

_NUMBER = r"([0-9]{1,9})(?:/([0-9]{1,9}))?"
_WORD = r"[^\W\d][\w.]*"
_TERM = re.compile(
    rf"([+-])(?:(?:{_NUMBER}\*)?({_WORD}(?:\*{_WORD}){{0,3}})(?:/([0-9]{{1,9}}))?|{_NUMBER})"
)
_LONGEST = 1000  # characters of a size: a hostile one must not cost time
_MOST = 2**20  # units of a vector, far beyond any cell: a hostile one must not fill the memory
_MOST_ENTRIES = 2**24  # of a matrix, counted by a product of sizes


@dataclass(frozen=True, slots=True)
class _Integers:
    """The same sum in whole numbers: (sum of factor * product of names, plus const) / divisor."""

    terms: tuple[tuple[tuple[str, ...], int], ...]
    const: int
    divisor: int
    most: int


@dataclass(frozen=True, slots=True)
class Size:
    """``sum of coefficient * name`` plus a constant; ``terms`` is sorted and has no zero.

    Of a product of sizes the name is that of its factors, sorted: ``"H*K"``.
    """

    terms: tuple[tuple[str, Fraction], ...] = ()
    const: Fraction = Fraction(0)
    _hash: int | None = field(default=None, init=False, repr=False, compare=False)
    _integers: _Integers | None = field(default=None, init=False, repr=False, compare=False)
    _names: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    def __eq__(self, other: object) -> bool:
        """By value, in whole numbers: fractions are slow to compare, and passes do it at every node."""
        if self is other:
            return True
        if not isinstance(other, Size):
            return NotImplemented
        mine, theirs = self._whole, other._whole
        return (
            mine.const == theirs.const
            and mine.divisor == theirs.divisor
            and mine.terms == theirs.terms
        )

    def __hash__(self) -> int:
        """Computed once: passes look nodes up by value."""
        if self._hash is None:
            form = self._whole
            object.__setattr__(self, "_hash", hash((form.terms, form.const, form.divisor)))
        return self._hash  # type: ignore[return-value]

    @staticmethod
    def of(value: Size | str | int) -> Size:
        """Make a size from a name, a number or a text such as ``"2*H + I"``.

        Raises SizeError if the text is not a sum of terms.
        """
        if isinstance(value, Size):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Size((), Fraction(value))
        wrong = SizeError(f"{value!r:.80} is not a size: write a sum such as '2*H + I' or 'H/2'")
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise wrong
        text = re.sub(r"\s*([-+*/])\s*", r"\1", value.strip())
        text = text if text.startswith("-") else "+" + text
        total, at = Size(), 0
        while at < len(text):
            match = _TERM.match(text, at)
            if not match:
                raise wrong
            total += _term(match, wrong)
            at = match.end()
        return total

    def __add__(self, other: Size) -> Size:
        coefficients = dict(self.terms)
        for name, factor in other.terms:
            coefficients[name] = coefficients.get(name, Fraction(0)) + factor
        terms = tuple(sorted((n, f) for n, f in coefficients.items() if f))
        return Size(terms, self.const + other.const)

    def __mul__(self, factor: Fraction | int | Size) -> Size:
        if isinstance(factor, Size):
            return self._times(factor)
        if not factor:
            return Size()
        return Size(tuple((n, f * factor) for n, f in self.terms), self.const * factor)

    def _times(self, other: Size) -> Size:
        """The product of two sizes, term by term."""
        total = other * self.const
        for name, factor in self.terms:
            total += Size(((name, factor * other.const),) if other.const else ())
            for also, coefficient in other.terms:
                both = "*".join(sorted([*name.split("*"), *also.split("*")]))
                total += Size(((both, factor * coefficient),))
        return total

    def __sub__(self, other: Size) -> Size:
        return self + other * -1

    def __truediv__(self, divisor: int) -> Size:
        return self * Fraction(1, divisor)

    def over(self, other: Size) -> Size | None:
        """The size that ``other`` times gives this one; None if there is none: H over H/4 is 4."""
        parts = _by_name(other)
        if len(parts) == 1:  # a number or one product: it is taken out of every term
            ((below, factor),) = parts.items()
            taken: dict[str, Fraction] = {}
            for name, value in _by_name(self).items():
                left = name.split("*")
                for n in below.split("*") if below else []:
                    if n not in left:
                        return None
                    left.remove(n)
                taken["*".join(n for n in left if n)] = value / factor
            terms = tuple(sorted((n, f) for n, f in taken.items() if n))
            return Size(terms, taken.get("", Fraction(0)))
        if not parts:
            return None
        name, factor = next(iter(parts.items()))
        ratio = Size((), _by_name(self).get(name, Fraction(0)) / factor)
        return ratio if other * ratio == self and ratio != Size() else None

    @property
    def names(self) -> frozenset[str]:
        """The named sizes that this one depends on."""
        if self._names is None:
            names = frozenset(part for n, _ in self.terms for part in n.split("*"))
            object.__setattr__(self, "_names", names)
        return self._names  # type: ignore[return-value]

    @property
    def _products(self) -> bool:
        """Whether some term is a product of sizes."""
        return any("*" in n for n, _ in self.terms)

    def substitute(self, values: Mapping[str, Size]) -> Size:
        """Replace names by sizes; names that ``values`` lacks stay."""
        if self.names.isdisjoint(values):
            return self
        if len(self.terms) == 1 and not self.const and self.terms[0][1] == 1:  # as most are
            value = values.get(self.terms[0][0])
            if value is not None:
                return value
        total = Size((), self.const)
        for name, factor in self.terms:
            product = Size((), factor)
            for part in name.split("*"):
                product *= values.get(part, Size(((part, Fraction(1)),)))
            total += product
        return total

    def evaluate(self, sizes: Mapping[str, int]) -> int:
        """Return the number of units for given named sizes.

        Raises SizeError if a name is missing or the result is not a whole number of at least one.
        """
        # sizes are evaluated for every node of every step: fractions would take most of that time
        form = self._whole
        total = form.const
        for names, factor in form.terms:
            for name in names:
                if name not in sizes:
                    raise SizeError(f"size {name} is not given: pass {name}=...")
                factor *= int(sizes[name])
            total += factor
        units, remainder = divmod(total, form.divisor)
        if remainder or not 1 <= units <= form.most:
            numbers = ", ".join(f"{n}={sizes[n]}" for n in sorted(self.names))
            need = "must divide evenly" if remainder else f"must lie in 1..{form.most}"
            raise SizeError(
                f"size {self}{' with ' if numbers else ''}{numbers} is "
                f"{Fraction(total, form.divisor)}: it {need}"
            )
        return units

    @property
    def _whole(self) -> _Integers:
        """The same sum over one common divisor; computed once."""
        return self._integers or self._as_integers()

    def _as_integers(self) -> _Integers:
        divisor = math.lcm(self.const.denominator, *(f.denominator for _, f in self.terms))
        form = _Integers(
            tuple((tuple(name.split("*")), int(factor * divisor)) for name, factor in self.terms),
            int(self.const * divisor),
            divisor,
            _MOST_ENTRIES if self._products else _MOST,
        )
        object.__setattr__(self, "_integers", form)
        return form

    def __str__(self) -> str:
        parts = [
            (f, f"{name}" if abs(f.numerator) == 1 else f"{abs(f.numerator)}*{name}")
            for name, f in self.terms
        ]
        parts = [(f, t if f.denominator == 1 else f"{t}/{f.denominator}") for f, t in parts]
        if self.const or not parts:
            parts.append((self.const, str(abs(self.const))))
        parts.sort(key=lambda part: part[0] < 0)  # H - I, not -I + H
        text = "".join(f" {'-' if f < 0 else '+'} {t}" for f, t in parts)
        return "-" + text[3:] if text.startswith(" -") else text[3:]


def _term(match: re.Match[str], wrong: SizeError) -> Size:
    """One term of a text: sign, factor/divisor * names / divisor, or number/divisor."""
    sign, factor, divisor, name, below, number, under = match.groups()
    divisors = [int(d) for d in (divisor, below, under) if d]
    if 0 in divisors:
        raise wrong
    value = Fraction(int(sign + (factor or number or "1")))
    for d in divisors:
        value /= d
    if not name:
        return Size((), value)
    return Size((("*".join(sorted(name.split("*"))), value),) if value else ())


def _by_name(size: Size) -> dict[str, Fraction]:
    """All terms of a size, the constant under the empty name."""
    return dict(size.terms) | ({"": size.const} if size.const else {})


ONE = Size((), Fraction(1))
