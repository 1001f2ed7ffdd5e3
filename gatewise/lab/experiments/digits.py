"""Sequential and permuted digits: an image pixel by pixel (Le, Jaitly & Hinton 2015).

scikit-learn's own digits (8 x 8, 64 steps, or upsampled to 28 x 28, 784 steps), or MNIST from a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.extras import require
from gatewise.lab.batch import Batch, Random
from gatewise.lab.experiment import Answer, Criterion, Experiment, Loss, Setting, Tested

_SIDES = (8, 28)


@dataclass(frozen=True)
class Digits(Experiment):
    """Which digit is it, after all pixels, row by row? T is the number of pixels: 64 or 784.

    ``file``: MNIST as a NumPy file (.npz with x_train, y_train, x_test, y_test); then T is 784.
    """

    T: int = 64
    file: str = ""
    _images: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)

    name: ClassVar[str] = "digits"
    title: ClassVar[str] = "sequential digits: an image pixel by pixel"
    source: ClassVar[str] = "Le, Jaitly & Hinton 2015"
    success: ClassVar[str] = (
        "90 % of the test images right (the papers report the accuracy reached)"
    )
    loss: ClassVar[Loss] = "classes"
    criterion: ClassVar[Criterion] = Criterion(every=50)
    setting: ClassVar[Setting] = Setting(H=64, B=50, lr=5e-3)
    small: ClassVar[dict[str, Any]] = {"T": 64}
    full: ClassVar[dict[str, Any]] = {"T": 784}
    needed: ClassVar[float] = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.T not in {side * side for side in _SIDES}:
            raise InputError(
                f"experiment {self.name}: T is the number of pixels, 64 or 784, not {self.T}"
            )
        if self.file and self.T != 784:
            raise InputError(f"experiment {self.name}: MNIST has T=784 pixels, not {self.T}")

    @property
    def outputs(self) -> int:
        return 10

    def stages(self) -> tuple[int, ...]:
        return (self.T,)

    def _order(self) -> Array:
        return np.arange(self.T)

    def prepare(self, random: Random) -> Digits:
        """Read the images; of scikit-learn's, a fifth is for the test."""
        parts = _mnist(Path(self.file)) if self.file else _own(random, int(self.T**0.5))
        order = self._order()
        images = {n: v[:, order] if n[0] == "x" else v for n, v in parts.items()}
        return replace(self, _images=images)

    def batch(self, random: Random, B: int) -> Batch:
        chosen = random.integers(0, len(self._images["y_train"]), B)
        return self._of(self._images["x_train"][chosen], self._images["y_train"][chosen])

    def _of(self, x: Array, y: Array) -> Batch:
        T, B = x.shape[1], len(x)
        inputs = np.ascontiguousarray(x.T[..., None])
        return Batch(inputs, np.full(B, T - 1), np.arange(B), y)

    def test(self, answer: Answer, random: Random, tests: int | None = None) -> Tested:
        x, y = self._images["x_test"], self._images["y_test"]
        wrong = 0
        for k in range(0, len(y), 500):
            batch = self._of(x[k : k + 500], y[k : k + 500])
            wrong += int(self.wrong(answer(batch), batch).sum())
        accuracy = 1 - wrong / len(y)
        return Tested(accuracy >= self.needed, {"accuracy": accuracy, "of": len(y)})


@dataclass(frozen=True)
class PermutedDigits(Digits):
    """As digits, the pixels in one random order that is the same for all images."""

    name: ClassVar[str] = "permuted-digits"
    title: ClassVar[str] = "permuted digits: pixels in a random, fixed order"

    def _order(self) -> Array:
        return np.random.default_rng(0).permutation(self.T)


def _own(random: Random, side: int) -> dict[str, Array]:
    require("the experiment digits", "lab", ("sklearn",))
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    images = x.reshape(-1, 8, 8) / 16.0
    if side != 8:
        images = _upsampled(images, side)
    order = random.permutation(len(y))
    x, y = images.reshape(len(y), -1)[order].astype(np.float32), y[order].astype(np.int64)
    test = len(y) // 5
    return {"x_train": x[test:], "y_train": y[test:], "x_test": x[:test], "y_test": y[:test]}


def _upsampled(images: Array, side: int) -> Array:
    """Images [n, 8, 8] to [n, side, side], linearly between the centres of the pixels."""
    old = images.shape[1]
    at = np.clip((np.arange(side) + 0.5) * old / side - 0.5, 0, old - 1)
    low = np.minimum(at.astype(int), old - 2)
    weight = at - low
    mix = np.zeros((side, old))
    mix[np.arange(side), low] = 1 - weight
    mix[np.arange(side), low + 1] = weight
    return np.asarray(np.einsum("si,nij,tj->nst", mix, images, mix))


def _mnist(path: Path) -> dict[str, Array]:
    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [n for n in names if n not in file]
            if missing:
                raise InputError(f"{path} lacks {', '.join(missing)}: it needs {', '.join(names)}")
            arrays = {n: np.asarray(file[n]) for n in names}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"cannot read {path} as a NumPy file (.npz): {error}") from None
    for part in ("train", "test"):
        x, y = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if (
            x.ndim not in (2, 3)
            or x[0].size != 784
            or y.ndim != 1
            or len(x) != len(y)
            or not len(y)
        ):
            raise InputError(
                f"{path}: x_{part} has the shape {x.shape} and y_{part} {y.shape}, not [n, 28, 28] and [n]"
            )
        if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() > 9:
            raise InputError(f"{path}: y_{part} must be digits from 0 to 9")
        scale = 255.0 if np.issubdtype(x.dtype, np.integer) else 1.0
        arrays[f"x_{part}"] = (x.reshape(len(x), 784) / scale).astype(np.float32)
        arrays[f"y_{part}"] = y.astype(np.int64)
    return arrays


EXPERIMENTS = (Digits, PermutedDigits)
