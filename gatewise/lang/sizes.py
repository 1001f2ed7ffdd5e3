"""Size inference: equations between sizes are linear in most unknowns, so unification is elimination."""

from __future__ import annotations

from fractions import Fraction

from gatewise.ir import ONE, Size


class Sizes:
    """A system of linear equations between sizes, kept solved after each ``unify``.

    Unknowns are made by ``fresh``; a rank says how gladly an unknown is kept as a free size (the
    hidden size is kept before the input size, both before anything else). Names that the author of
    a cell declared are no unknowns and are never eliminated.
    """

    def __init__(self) -> None:
        self._solved: dict[str, Size] = {}
        self._rank: dict[str, tuple[int, int]] = {}

    def fresh(self, rank: int = 0) -> Size:
        """A new unknown size."""
        name = f"?{len(self._rank)}"
        self._rank[name] = (rank, -len(self._rank))
        return Size(((name, Fraction(1)),))

    def resolve(self, size: Size) -> Size:
        """``size`` in terms of the free sizes that remain."""
        while not size.names.isdisjoint(self._solved):
            size = size.substitute(self._solved)
        return size

    def unify(self, a: Size, b: Size) -> bool:
        """Make two sizes equal; False if they cannot be, in which case nothing changes."""
        a, b = self.resolve(a), self.resolve(b)
        difference = a - b
        if difference == Size():
            return True
        unknowns = [n for n, _ in difference.terms if n in self._rank and _alone(n, difference)]
        if not unknowns:
            return self._without_common(a, b)
        chosen = min(unknowns, key=self._rank.__getitem__)
        factor = dict(difference.terms)[chosen]
        value = (Size(((chosen, factor),)) - difference) * (1 / factor)
        # a size below one for every choice of the others, as in H = H + I, is no solution
        parts = [f for _, f in value.terms] + [value.const]
        whole = bool(value.terms) or value.const.denominator == 1
        if not whole or not any(f > 0 for f in parts):
            return False
        self._solved[chosen] = value
        return True

    def _without_common(self, a: Size, b: Size) -> bool:
        """Two products that share names: D*? and D*K are equal if ? and K are."""
        if len(a.terms) != 1 or len(b.terms) != 1 or a.const or b.const:
            return False
        for name in sorted(a.names & b.names):
            one = Size(((name, Fraction(1)),))
            left, right = a.over(one), b.over(one)
            if left is not None and right is not None:
                return self.unify(left, right)
        return False

    def make_one(self, size: Size) -> bool:
        """Make a size 1 if nothing says what it is: not that of the output or of an input, which are free."""
        size = self.resolve(size)
        free = any(self._rank[n][0] > 0 for n in size.names if n in self._rank)
        return not free and self.unify(size, ONE)

    def unknowns(self, size: Size) -> list[str]:
        """The unknowns that a resolved size still depends on."""
        return sorted(n for n in self.resolve(size).names if n in self._rank)


def _alone(name: str, size: Size) -> bool:
    """Whether a name stands in no product with others."""
    return all(name not in product.split("*") for product, _ in size.terms if product != name)
