"""The embedded Reber grammar: experiment 1 of Hochreiter & Schmidhuber (1997), and without end (Gers et al. 2000)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.lab.batch import Batch, Random, of_lengths, row_by_row
from gatewise.lab.experiment import Answer, Criterion, Experiment, Loss, Setting, Tested
from gatewise.lab.stream import Stream

SYMBOLS = "BTPSXVE"
# state -> (symbol, next state); the state 6 has only E, which ends the word
_GRAMMAR: dict[int, tuple[tuple[str, int], ...]] = {
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", 7),),
}


def reber_word(random: Random) -> tuple[str, list[str]]:
    """A word of the Reber grammar, and for each of its symbols those that are legal there."""
    state, word, legal = 0, "", list[str]()
    while state != 7:
        choices = _GRAMMAR[state]
        symbol, following = choices[int(random.integers(len(choices)))]
        legal.append("".join(s for s, _ in choices))
        word, state = word + symbol, following
    return word, legal


def embedded_word(random: Random) -> tuple[str, list[str]]:
    """B, T or P, a word of the Reber grammar, the same T or P, E; and what is legal at each place."""
    branch = "TP"[int(random.integers(2))]
    word, legal = reber_word(random)
    return f"B{branch}{word}{branch}E", ["B", "TP", *legal, branch, "E"]


def encode(text: str) -> Array:
    """Symbols as numbers."""
    return np.array([SYMBOLS.index(s) for s in text])


def legal_rows(legal: list[str]) -> Array:
    """[N, 7] ones where a symbol is legal."""
    rows = np.zeros((len(legal), len(SYMBOLS)), np.float32)
    for row, symbols in enumerate(legal):
        rows[row, [SYMBOLS.index(s) for s in symbols]] = 1.0
    return rows


Word = tuple[str, list[str]]


@dataclass(frozen=True)
class EmbeddedReber(Experiment):
    """Words for training, as many others for the test, all different; predict the next symbol at every step.

    T has no meaning here: words are as long as the grammar makes them, nine symbols and more.
    """

    T: int = 1
    words: int = 256
    _train: tuple[Word, ...] = field(default=(), repr=False)
    _test: tuple[Word, ...] = field(default=(), repr=False)

    name: ClassVar[str] = "reber"
    title: ClassVar[str] = "embedded Reber grammar: the second symbol returns before the last"
    source: ClassVar[str] = "Hochreiter & Schmidhuber 1997, experiment 1"
    success: ClassVar[str] = (
        "at every step of 256 + 256 words the legal symbols are the most active"
    )
    loss: ClassVar[Loss] = "classes"
    criterion: ClassVar[Criterion] = Criterion(every=25)
    setting: ClassVar[Setting] = Setting(H=24, B=8, lr=1e-2)
    # of 64 words some networks learn the words by heart, and not the grammar
    small: ClassVar[dict[str, Any]] = {"words": 128}

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_least("words", 1)

    @property
    def symbols(self) -> int:
        return len(SYMBOLS)

    @property
    def outputs(self) -> int:
        return len(SYMBOLS)

    @property
    def lag(self) -> int:
        return 20

    def prepare(self, random: Random) -> EmbeddedReber:
        """Draw the words, all different."""
        words: dict[str, list[str]] = {}
        while len(words) < 2 * self.words:
            word, legal = embedded_word(random)
            words.setdefault(word, legal)
        pairs = list(words.items())
        order = [pairs[k] for k in random.permutation(len(pairs))]
        return replace(self, _train=tuple(order[: self.words]), _test=tuple(order[self.words :]))

    def batch(self, random: Random, B: int) -> Batch:
        chosen = random.integers(0, len(self._train), B)
        return self.of_words([self._train[k] for k in chosen])

    def of_words(self, words: Sequence[Word]) -> Batch:
        """These words side by side; at every symbol but the last the next one is asked for."""
        inputs, lengths = of_lengths([encode(word)[:-1] for word, _ in words])
        steps, rows = row_by_row(lengths)
        targets = np.concatenate([encode(word)[1:] for word, _ in words])
        legal = np.concatenate([legal_rows(legal[1:]) for _, legal in words])
        return Batch(inputs, steps, rows, targets, lengths, legal=legal)

    def wrong(self, answers: Array, batch: Batch) -> Array:
        """Wrong where an illegal symbol is as active as a legal one."""
        legal = np.asarray(batch.legal)
        least = np.where(legal > 0, answers, np.inf).min(1)
        most = np.where(legal > 0, -np.inf, answers).max(1)
        return np.asarray(~(least > most))

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        wrong = []
        for words in (self._train, self._test):
            batch = self.of_words(words)
            wrong.append(int(batch.per_sequence(self.wrong(answer(batch), batch)).sum()))
        figures: dict[str, float | int] = {
            "wrong": sum(wrong),
            "of": 2 * self.words,
            "wrong in training": wrong[0],
        }
        return Tested(sum(wrong) == 0, figures)


@dataclass(frozen=True)
class ContinualReber(Stream):
    """Words of the embedded Reber grammar one after the other, without end and without reset."""

    T: int = 1

    name: ClassVar[str] = "continual-reber"
    title: ClassVar[str] = "continual embedded Reber grammar: words without end, nothing resets"
    source: ClassVar[str] = "Gers, Schmidhuber & Cummins 2000"
    success: ClassVar[str] = (
        "good: over 1,000 symbols right in a row, mean of 10 streams; perfect: 10^6"
    )
    tolerance: ClassVar[float] = 0.49
    setting: ClassVar[Setting] = Setting(H=32, B=16, lr=1e-2)
    criterion: ClassVar[Criterion] = Criterion(every=100)
    chunk: ClassVar[int] = 60
    good: ClassVar[int] = 1000
    full: ClassVar[dict[str, Any]] = {"longest": 1_000_000}
    small: ClassVar[dict[str, Any]] = {"longest": 2_000}

    @property
    def symbols(self) -> int:
        return len(SYMBOLS)

    @property
    def outputs(self) -> int:
        return len(SYMBOLS)

    @property
    def lag(self) -> int:
        return 30

    def stages(self) -> tuple[int, ...]:
        return (self.T,)

    def stream(self, random: Random) -> Iterator[tuple[int, Array | None]]:
        while True:
            word, following = embedded_word(random)
            legal = [*following[1:], "B"]
            for symbol, allowed in zip(word, legal, strict=True):
                yield SYMBOLS.index(symbol), legal_rows([allowed])[0]


EXPERIMENTS = (EmbeddedReber, ContinualReber)
