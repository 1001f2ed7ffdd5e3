"""Agreement with distractors: "Dave, as a result of his controversial claims, is now a pariah".

Gender and number of the subject are needed until "his", number until "is" (after Linzen, Dupoux & Goldberg 2016).
Sentences follow each other and nothing resets the state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

from gatewise.arrays import Array
from gatewise.lab.batch import Batch, Random
from gatewise.lab.experiment import Answer, Criterion, Loss, Setting, Tested
from gatewise.lab.stream import Item, Stream

# subject: gender (0 he, 1 she; -1 none), number (0 singular, 1 plural)
_SUBJECTS: tuple[tuple[str, int, int], ...] = (
    ("Dave", 0, 0),
    ("Tom", 0, 0),
    ("Paul", 0, 0),
    ("Anna", 1, 0),
    ("Mary", 1, 0),
    ("Ruth", 1, 0),
    ("Greeks", -1, 1),
    ("Swedes", -1, 1),
    ("Danes", -1, 1),
)
_OPENING = (",", "as", "a", "result", "of")
_NOUNS = (
    ("claim", 0),
    ("speech", 0),
    ("plan", 0),
    ("vote", 0),
    ("claims", 1),
    ("speeches", 1),
    ("plans", 1),
    ("votes", 1),
)
_LINKS = ("about", "against", "behind", "near")
_ADJECTIVES = ("controversial", "late", "loud", "new")
_ENDS = (("is", "now", "a", "pariah", "."), ("are", "now", "the", "pariahs", "."))
_POSSESSIVES = ("his", "her", "their")
WORDS = tuple(
    dict.fromkeys(
        [s for s, _, _ in _SUBJECTS]
        + [*_OPENING]
        + [n for n, _ in _NOUNS]
        + [*_LINKS]
        + [*_ADJECTIVES, "the", *_POSSESSIVES]
        + [w for end in _ENDS for w in end]
    )
)
_INDEX = {word: k for k, word in enumerate(WORDS)}
ANSWERS = (*_POSSESSIVES, "is", "are")


class Sentence(NamedTuple):
    """A sentence, what its subject is, and where the possessive and the verb stand."""

    words: tuple[str, ...]
    gender: int
    number: int
    possessive: int
    verb: int


def sentence(random: Random, T: int, exact: bool = False) -> Sentence:
    """A sentence with 0 .. T distractor phrases before the possessive, and as many before the verb; or exactly T."""

    def pick(items: Any) -> Any:
        return items[int(random.integers(len(items)))]

    def distractors() -> list[str]:
        words: list[str] = []
        for _ in range(T if exact else int(random.integers(0, T + 1))):
            words += [pick(_LINKS), "the", pick(_NOUNS)[0]]
        return words

    subject, gender, number = pick(_SUBJECTS)
    words = [subject, *_OPENING, "the", pick(_NOUNS)[0], *distractors(), "of"]
    possessive = len(words)
    words += [
        _POSSESSIVES[2 if number else gender],
        pick(_ADJECTIVES),
        pick(_NOUNS)[0],
        *distractors(),
        ",",
    ]
    verb = len(words)
    words += _ENDS[number]
    return Sentence(tuple(words), gender, number, possessive, verb)


@dataclass(frozen=True)
class Agreement(Stream):
    """Sentences without end; T is the largest number of distractor phrases in each of two places.

    Every next word is to be predicted; judged is the choice among his, her, their, and among is, are.
    """

    T: int = 4
    longest: int = 20_000

    name: ClassVar[str] = "agreement"
    title: ClassVar[str] = "agreement of gender and number with distractors, nothing resets"
    source: ClassVar[str] = "after Linzen, Dupoux & Goldberg 2016"
    success: ClassVar[str] = "99 % of possessives and verbs right"
    loss: ClassVar[Loss] = "classes"
    setting: ClassVar[Setting] = Setting(H=32, B=16, lr=1e-2)
    criterion: ClassVar[Criterion] = Criterion(every=50)
    chunk: ClassVar[int] = 60
    grow_from: ClassVar[int] = 1
    grow_by: ClassVar[float] = 2.0
    small: ClassVar[dict[str, Any]] = {"T": 1, "longest": 2000}

    @property
    def symbols(self) -> int:
        return len(WORDS)

    @property
    def outputs(self) -> int:
        return len(WORDS)

    @property
    def lag(self) -> int:
        return 10 + 6 * self.T

    def sentences(self, random: Random) -> Iterator[tuple[str, Sentence, int]]:
        """Word by word: the word, its sentence, and its place in it."""
        while True:
            one = sentence(random, self.T)
            for place, word in enumerate(one.words):
                yield word, one, place

    def stream(self, random: Random) -> Iterator[Item]:
        for (word, _, _), (following, _, _) in pairwise(self.sentences(random)):
            yield _INDEX[word], np.array([_INDEX[following]])

    def batches(self, random: Random, B: int, chunk: int) -> Iterator[Batch]:
        for batch in super().batches(random, B, chunk):
            targets = batch.targets[:, 0].astype(np.int64)
            judged = np.isin(targets, [_INDEX[w] for w in ANSWERS])
            yield Batch(
                batch.inputs, batch.steps, batch.rows, targets, judged=judged, carry=batch.carry
            )

    def wrong(self, answers: Array, batch: Batch) -> Array:
        """Wrong where another word of the same kind is as likely; places of other words are not judged."""
        wrong = np.zeros(len(answers), bool)
        for kind in (_POSSESSIVES, ("is", "are")):
            chosen = [_INDEX[w] for w in kind]
            at = np.isin(batch.targets, chosen)
            best = np.array(chosen)[answers[at][:, chosen].argmax(1)]
            wrong[at] = best != batch.targets[at]
        return wrong

    def errors(self, answers: Array, batch: Batch) -> Array:
        return self.wrong(answers, batch).astype(float)

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        wrong = {"possessives": 0, "verbs": 0}
        asked = {"possessives": 0, "verbs": 0}
        steps, size = 0, 500
        for batch in self.batches(random, self.streams, size):
            bad = self.wrong(answer(batch), batch)
            for kind, words in (("possessives", _POSSESSIVES), ("verbs", ("is", "are"))):
                at = np.isin(batch.targets, [_INDEX[w] for w in words])
                wrong[kind] += int((bad & at).sum())
                asked[kind] += int(at.sum())
            steps += size * self.streams
            if steps >= self.longest:
                break
        accuracy = {kind: 1 - wrong[kind] / max(1, asked[kind]) for kind in wrong}
        return Tested(min(accuracy.values()) >= 0.99, {**accuracy, "of": sum(asked.values())})


EXPERIMENTS = (Agreement,)
