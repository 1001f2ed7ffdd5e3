"""The domain of a target: the values that it can have at all, which forecasts and intervals keep.

Units sold are never negative, a share lies between 0 and 1, a count is a whole number. The domain is found
from the data, and options decide otherwise.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputError, InputWarning, some_of
from gatewise.tasks.data.series import Feature, Series, Table
from gatewise.tasks.forecast.options import Options

# values that are sampled to see how they are spread
SAMPLE = 200_000
# values are close to 0 where the least is so small a share of their standard deviation
CLOSE = 0.5
# values fill a range from 0 to a top if the largest reaches so much of it, so many of them lie in its last
# tenth, and the least is so small a part of it
REACHED, PILED, FROM = 0.95, 0.05, 0.3
# values that are exactly the top, at least, where that is the evidence
OFTEN = 3
# words in the name of a column that is in percent
PERCENT = ("%", "percent", "pct", "prozent", "porcent", "pourcent")
# a whole number within rounding
SLIGHTLY = 1e-9


@dataclass(frozen=True)
class Domain:
    """The values that a target can have.

    Attributes:
        low, high: its bounds; None: none.
        whole: whether it has whole numbers only.
    """

    low: float | None = None
    high: float | None = None
    whole: bool = False

    def __bool__(self) -> bool:
        return self.whole or self.low is not None or self.high is not None

    def of_total(self, steps: int) -> Domain:
        """The domain of the total of so many steps."""
        low, high = (None if b is None else b * steps for b in (self.low, self.high))
        return Domain(low, high, self.whole)

    def describe(self) -> str:
        """In words, such as "whole numbers of at least 0"."""
        kind = "whole numbers" if self.whole else "numbers"
        if self.low is not None and self.high is not None:
            return f"{kind} from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"{kind} of at least {self.low:g}"
        return kind + ("" if self.high is None else f" of at most {self.high:g}")


ANYTHING = Domain()


def domains_of(table: Table, options: Options) -> tuple[Domain, ...]:
    """The domain of each target of a table, as the options say or as its values show.

    Raises InputError for a value that breaks a bound of the options.
    """
    features = table.features.target
    series_of: dict[int, list[Series]] = {}
    for series in table.series:
        series_of.setdefault(series.target, []).append(series)
    domains = []
    for k in range(max(1, len(features))):
        feature = features[k] if k < len(features) else None
        domains.append(_domain(series_of[k], feature, options) if k in series_of else ANYTHING)
    check_domains(table, domains)
    return tuple(domains)


def check_domains(table: Table, domains: Sequence[Domain]) -> None:
    """Raises InputError for the first value of a table that lies outside the domain of its target."""
    outside = _outside(table, domains)
    if outside is not None:
        what, option = outside
        raise InputError(f"{what}: correct it, or change {option}")


def _outside(table: Table, domains: Sequence[Domain]) -> tuple[str, str] | None:
    """The first value outside the domain of its target, in words, and the option that says so; None if there is none."""
    for s in table.series:
        domain = domains[s.target] if s.target < len(domains) else ANYTHING
        if not domain:
            continue
        y = s.values
        with np.errstate(invalid="ignore"):
            below = y < (-np.inf if domain.low is None else domain.low)
            above = y > (np.inf if domain.high is None else domain.high)
            broken = (y != np.floor(y)) & ~np.isnan(y) if domain.whole else np.zeros(len(y), bool)
        outside = below | above | broken
        if not outside.any():
            continue
        at = int(np.argmax(outside))
        rule, option = (
            (f"below the lower bound {domain.low:g}", "--lower")
            if below[at]
            else (f"above the upper bound {domain.high:g}", "--upper")
            if above[at]
            else ("no whole number", "--integer")
        )
        return f"{table.place(s, at)} has the value {y[at]:g}, which is {rule}", option
    return None


def check_later(table: Table, domains: Sequence[Domain], options: Options) -> None:
    """Check a later table: its values may break what training found, but no bound that a person has named.

    Raises InputError as ``check_domains`` does, and warns (InputWarning) of a domain that is no longer true.
    """
    named = [
        Domain(_bound(options.lower), _bound(options.upper), bool(options.integer)) for _ in domains
    ]
    check_domains(table, named)
    outside = _outside(table, domains)
    if outside is not None:
        warnings.warn(
            f"{outside[0]}; all values of training were not, and forecasts are not: fit the model again if they may be",
            InputWarning,
            stacklevel=4,
        )


def keep(
    quantiles: Floats, domains: Sequence[Domain], targets: Ints, rounded: bool = True
) -> Floats:
    """Quantiles [B, h, Q] of series with these targets [B], within their domains and ascending.

    The limits of an interval move to the whole numbers inside it, and the interval has the same values of
    the domain as before: so rounding does not change how often it holds the truth. ``rounded``: whether the
    point forecast becomes a whole number as well, which a mean is not.
    """
    inside = bounded(quantiles, domains, targets)
    rows = np.array([d.whole for d in domains] or [False])[targets]
    if rows.any():
        inside[rows] = bounded(_whole_limits(inside[rows], rounded), domains, targets[rows])
    return inside


def bounded(values: Floats, domains: Sequence[Domain], targets: Ints) -> Floats:
    """Values [B, ...] of series with these targets [B]: those beyond a bound moved to it."""
    if all(d.low is None and d.high is None for d in domains):
        return values
    low = np.array([-np.inf if d.low is None else d.low for d in domains])[targets]
    high = np.array([np.inf if d.high is None else d.high for d in domains])[targets]
    shape = (-1, *[1] * (values.ndim - 1))
    return values.clip(low.reshape(shape), high.reshape(shape))


def _whole_limits(quantiles: Floats, rounded: bool) -> Floats:
    """Quantiles [B, h, Q] with whole limits of intervals."""
    whole, middle = quantiles.copy(), quantiles.shape[-1] // 2
    limits = [
        (np.ceil(whole[..., middle - k] - SLIGHTLY), np.floor(whole[..., middle + k] + SLIGHTLY))
        for k in range(1, middle + 1)
    ]
    # the whole number nearest to the point, of those in the narrowest interval that holds any
    near = np.round(whole[..., middle])
    for low, high in reversed(limits):
        near = np.where(low <= high, near.clip(low, np.maximum(low, high)), near)
    if rounded:
        whole[..., middle] = near
    inner_low = inner_high = near
    for k, (low, high) in enumerate(limits, 1):
        # an interval between two whole numbers becomes the nearest one
        inner_low, inner_high = np.minimum(low, inner_low), np.maximum(high, inner_high)
        whole[..., middle - k], whole[..., middle + k] = inner_low, inner_high
    # no negative zeros
    return whole + 0.0


def describe_domains(
    domains: Sequence[Domain], names: Sequence[str], options: Options
) -> list[str]:
    """A line for each different domain, with the columns that have it where they differ."""
    columns: dict[Domain, list[str]] = {}
    for k, domain in enumerate(domains):
        columns.setdefault(domain, []).append(names[k] if k < len(names) else "the target")
    lines = []
    for domain, of in columns.items():
        if not domain:
            continue
        which = f"{some_of(of, 3)}: " if len(columns) > 1 else ""
        undo = [
            word
            for word, bound, option in (
                ("--lower none", domain.low, options.lower),
                ("--upper none", domain.high, options.upper),
                ("--no-integer", domain.whole or None, options.integer),
            )
            if bound is not None and option is None
        ]
        otherwise = f" ({', '.join(undo)}: not so)" if undo else ""
        lines.append(
            f"domain   {which}forecasts are {domain.describe()}, as the data are{otherwise}"
        )
    return lines


def _domain(series: Sequence[Series], feature: Feature | None, options: Options) -> Domain:
    """The domain of one target from all its series."""
    sample = _sample(series)
    least = min(float(np.nanmin(s.values)) for s in series)
    most = max(float(np.nanmax(s.values)) for s in series)
    whole = options.integer
    if whole is None:
        whole = all(_is_whole(s.values) for s in series)
    low = _bound(options.lower)
    if options.lower is None and _non_negative(sample, least, whole):
        low = 0.0
    high = _bound(options.upper)
    if options.upper is None and least >= 0 and options.lower in (None, 0):
        high = _top(sample, least, most, whole, "" if feature is None else feature.name)
    return Domain(0.0 if high is not None and low is None else low, high, whole)


def _bound(option: float | str | None) -> float | None:
    return None if option is None or isinstance(option, str) else float(option)


def _is_whole(values: Floats) -> bool:
    seen = values[~np.isnan(values)]
    return bool(np.all(seen == np.floor(seen)))


def _non_negative(sample: Floats, least: float, whole: bool) -> bool:
    """Whether values are never below 0 by their nature: they are counts, or come close to 0 and stay above it.

    Degrees of a summer are above 0 as well, and spread to both sides alike; amounts have a longer tail above.
    """
    if least < 0:
        return False
    if whole or least == 0:
        return True
    low, middle, high = np.quantile(sample, (0.1, 0.5, 0.9))
    return bool(least <= CLOSE * sample.std() and high - middle > middle - low)


def _top(sample: Floats, least: float, most: float, whole: bool, name: str) -> float | None:
    """The upper bound of a share (1) or a percentage (100); None for anything else."""
    if most <= 1 and not whole:
        filled = most >= REACHED and np.mean(sample >= 0.9) >= PILED and least <= FROM
        return 1.0 if filled else None
    if not 1 < most <= 100:
        return None
    if any(word in name.lower() for word in PERCENT):
        return 100.0
    piled = np.mean(sample >= 90) >= PILED and least <= 100 * FROM
    exactly = np.count_nonzero(sample == 100)
    return 100.0 if exactly >= OFTEN and piled else None


def _sample(series: Sequence[Series]) -> Floats:
    """Values of all series, evenly taken."""
    total = sum(len(s.values) for s in series)
    every = max(1, total // SAMPLE)
    values = np.concatenate([s.values[::every] for s in series])
    seen = values[~np.isnan(values)]
    return seen if len(seen) else np.array([np.nanmin(series[0].values)])
