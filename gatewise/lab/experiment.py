"""What an experiment is: its data, its loss, its criterion, and the settings that it is trained with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, Self, TypeAlias

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lab.batch import Batch, Random

Loss = Literal["logistic", "squared", "classes"]
# the answers [N, O] of a network to a batch
Answer: TypeAlias = Callable[[Batch], Array]


@dataclass(frozen=True)
class Help:
    """What training adds to the cell; every part that is used is named in the result.

    Attributes:
        chrono: gates start spread over the lags, by ``gw.nn.init.chrono_``.
        grow: the gap grows when the present one is mastered.
        forget_bias: the forget bias at the start; None is the cell's own.
        orthogonal: recurrent matrices start orthogonal.
        blank: by how much the gates start shut on the symbol that stands for nothing.
        mix: share of batches with a random shorter gap.
        fall: the learning rate falls with the gap, to the power of minus this.
        fields: fields of the experiment that it changes, such as where the loss is taken.
    """

    chrono: bool = False
    grow: bool = False
    forget_bias: float | None = None
    orthogonal: bool = False
    blank: float | None = None
    mix: float = 0.0
    fall: float = 0.0
    fields: tuple[tuple[str, Any], ...] = ()


def recipes(*, chrono: bool = True, **more: Any) -> dict[str, Help]:
    """The recipes of an experiment: ``grow`` starts as ``chrono`` unless said otherwise, and adds ``more``."""
    return {
        "plain": Help(),
        "chrono": Help(chrono=True),
        "grow": Help(chrono=chrono, grow=True, **more),
    }


@dataclass(frozen=True)
class Setting:
    """How an experiment is trained: one layer of H units, Adam, clipped gradients."""

    H: int = 32
    B: int = 16
    lr: float = 1e-2
    betas: tuple[float, float] = (0.9, 0.999)
    clip: float = 1.0
    one_hot: bool = False  # symbols enter the cell as they are; else each has a learned vector
    spread: float = 1.0  # standard deviation of these vectors at the start


@dataclass(frozen=True)
class Criterion:
    """When training may stop. What is met is then tested on fresh sequences, and training goes on if they fail.

    Attributes:
        last: the last so many sequences in training
        wrong: have at most so many wrong ones, and
        error: the running mean of the error (squared for a squared loss) is below this.
        decay: of this running mean, at each update.
        stage: as ``last``, for a gap that is shorter than the final one.
        every: instead of looking at training, test after every so many updates.
    """

    last: int = 2000
    wrong: int = 0
    error: float | None = None
    decay: float = 0.97
    stage: int = 500
    every: int | None = None


@dataclass(frozen=True)
class Tested:
    """A test on fresh sequences: whether it meets the criterion, and its figures."""

    passed: bool
    figures: dict[str, float | int]


@dataclass(frozen=True)
class Experiment:
    """Base of all experiments. A field is a number that can be chosen at the command line; T is the size of the gap.

    Class attributes state what is fixed. ``batch`` is the generator of the definition; ``wrong`` its criterion for
    one answer. Raises InputError for numbers that the definition does not allow.
    """

    T: int = 100

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]
    success: ClassVar[str]  # the criterion in words
    loss: ClassVar[Loss] = "logistic"
    tolerance: ClassVar[float] = 0.5  # an answer is wrong from this error on
    tests: ClassVar[int] = 2560  # fresh sequences of the final test
    allowed: ClassVar[int] = 0  # of them may be wrong
    error_below: ClassVar[float | None] = None  # mean absolute error in the test
    criterion: ClassVar[Criterion] = Criterion()
    setting: ClassVar[Setting] = Setting()
    grow_from: ClassVar[int] = 20
    grow_by: ClassVar[float] = 4.0  # at most, from one gap to the next
    least: ClassVar[int] = 1  # the shortest T that the definition allows
    blank: ClassVar[int | None] = None  # the symbol that stands for nothing
    recipes: ClassVar[dict[str, Help]] = recipes()
    small: ClassVar[dict[str, Any]] = {}  # fields at the size that the tests run
    full: ClassVar[dict[str, Any]] = {}  # fields at the published size

    def __post_init__(self) -> None:
        if isinstance(self.T, bool) or not isinstance(self.T, int) or self.T < self.least:
            raise InputError(
                f"experiment {self.name}: T must be a whole number of at least {self.least}, not {self.T!r}"
            )

    def _check_least(self, field: str, least: int) -> None:
        """Raises InputError for a field that is below ``least``."""
        value = getattr(self, field)
        if value < least:
            raise InputError(
                f"experiment {self.name}: {field} must be at least {least}, not {value}"
            )

    # --- what each experiment states ---------------------------------------------------------------

    @property
    def symbols(self) -> int | None:
        """How many symbols there are; None where the inputs are values."""
        return None

    @property
    def width(self) -> int:
        """The number I of values at a step, where the inputs are values."""
        return 1

    @property
    def outputs(self) -> int:
        """The number O of outputs."""
        return 1

    def batch(self, random: Random, B: int) -> Batch:
        """B fresh sequences, by the definition."""
        raise NotImplementedError

    # --- what most share -----------------------------------------------------------------------------

    @property
    def lag(self) -> int:
        """The longest lag in steps, from which chrono starts are drawn."""
        return max(3, self.T)

    def prepare(self, random: Random) -> Experiment:
        """The experiment with what is drawn once: the sets for training and for the test."""
        return self

    def source_of(self, random: Random, B: int) -> Iterator[Batch]:
        """Batches for training, without end."""
        while True:
            yield self.batch(random, B)

    def errors(self, answers: Array, batch: Batch) -> Array:
        """[N] the largest absolute error of an answer; for classes, 1 for a wrong one and 0 else."""
        if self.loss == "classes":
            return np.asarray(answers.argmax(1) != batch.targets, float)
        return np.asarray(np.abs(answers - batch.targets).max(1))

    def wrong(self, answers: Array, batch: Batch) -> Array:
        """[N] whether an answer is wrong by the criterion; answers [N, O] are outputs between 0 and 1 if logistic."""
        right: Array = self.errors(answers, batch) < self.tolerance
        return ~right  # NaN is wrong

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        """Test on fresh sequences."""
        count = self.tests if tests is None else tests
        size = int(np.clip(2_000_000 // max(1, self.T), 8, 500))
        wrong, total, squares, places, done = 0, 0.0, 0.0, 0, 0
        while done < count:
            batch = self.batch(random, min(size, count - done))
            answers = answer(batch)
            wrong += int(batch.per_sequence(self.wrong(answers, batch)).sum())
            errors = self.errors(answers, batch)
            errors = errors if batch.judged is None else errors[batch.judged]
            total, squares = total + float(errors.sum()), squares + float((errors**2).sum())
            places, done = places + len(errors), done + batch.size
        figures: dict[str, float | int] = {"wrong": wrong, "of": done, "error": total / places}
        if self.loss == "squared":
            figures["mse"] = squares / places
        if self.loss == "classes":
            figures["accuracy"] = 1.0 - total / places
        below = self.error_below is None or total / places < self.error_below
        return Tested(wrong <= self.allowed * done / max(1, self.tests) and below, figures)

    def stages(self) -> tuple[int, ...]:
        """The gaps that a growing gap goes through, each so many times the one before; the last is T."""
        first = max(self.grow_from, self.least)
        if first >= self.T:
            return (self.T,)
        steps = math.ceil(math.log(self.T / first) / math.log(self.grow_by) - 1e-9)
        gaps = (round(first * (self.T / first) ** (k / steps)) for k in range(steps + 1))
        return tuple(dict.fromkeys(gaps))

    def at(self, T: int) -> Self:
        """The same experiment with another gap."""
        return replace(self, T=T)

    def describe(self) -> dict[str, Any]:
        """Its fields by name."""
        return {name: getattr(self, name) for name in self.numbers()}

    @classmethod
    def numbers(cls) -> dict[str, Any]:
        """The names of its fields and what they are if not given."""
        return {f.name: f.default for f in fields(cls) if not f.name.startswith("_")}


@dataclass(frozen=True)
class Published:
    """A figure of the literature, for the table; ``setting`` says for which numbers, as "T=100"."""

    who: str
    figure: str
    setting: str = ""
