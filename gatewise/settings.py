"""Every environment variable that Gatewise reads, in one table.

    settings.CACHE_DIR.get()        # its value now, parsed; the default if it is unset or empty

A new variable is one more row here, and nothing else reads or sets ``os.environ``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from gatewise.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One environment variable: its name, what it means, its default, and how its text is read."""

    name: str
    meaning: str
    default: T
    parse: Callable[[str], T]

    def get(self) -> T:
        """The value now. Raises InputError, naming the variable, if its text makes no sense."""
        text = os.environ.get(self.name, "").strip()
        if not text:
            return self.default
        try:
            return self.parse(text)
        except ValueError as error:
            raise InputError(
                f"the environment variable {self.name}={text!r} cannot be used: {error}. "
                f"It is {self.meaning}"
            ) from None


def _folder(text: str) -> Path | None:
    path = Path(os.path.expanduser(text))
    if not path.is_absolute():
        raise ValueError("the path is not absolute")
    if "\0" in text:
        raise ValueError("no path has a NUL character")
    return path


def _count(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise ValueError("not a whole number of at least 1")
    return int(text)


def _rank(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("not a whole number of at least 0")
    return int(text)


_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def _count_or_none(text: str) -> int | None:
    """The first number of a list such as 4,2; None for what OpenMP itself would ignore."""
    try:
        return _count(text.split(",")[0].strip())
    except ValueError:
        return None


def _bytes(text: str) -> int:
    number = text.upper().removesuffix("B").removesuffix("I")
    digits = number.rstrip("KMGT")
    if not (digits.isascii() and digits.isdigit()) or number[len(digits) :] not in _UNITS:
        raise ValueError("not a size such as 256M or 1G")
    return int(digits) * _UNITS[number[len(digits) :]]


def _truth(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("neither 0 nor 1")
    return text == "1"


def _choice(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"not one of {', '.join(words)}")
        return text.lower()

    return parse


CACHE_DIR: Setting[Path | None] = Setting(
    "GATEWISE_CACHE_DIR",
    "the folder for compiled kernels, an absolute path (default: the user's cache folder).",
    None,
    _folder,
)
CACHE_SIZE: Setting[int] = Setting(
    "GATEWISE_CACHE_SIZE",
    "how much the kernels on disk may take together, such as 256M (the default); 0 keeps none.",
    256 << 20,
    _bytes,
)
NUM_THREADS: Setting[int | None] = Setting(
    "GATEWISE_NUM_THREADS",
    "the number of threads of the CPU kernels (default: PyTorch's where it is loaded, else "
    "OMP_NUM_THREADS, else the processor's cores).",
    None,
    _count,
)
OMP_NUM_THREADS: Setting[int | None] = Setting(
    "OMP_NUM_THREADS",
    "the number of threads of every library that follows OpenMP; PyTorch reads it too.",
    None,
    _count_or_none,
)
THREADING: Setting[str] = Setting(
    "GATEWISE_THREADING",
    "who runs the threads: auto (the default), openmp (the OpenMP runtime that PyTorch loaded), "
    "pool (threads of our own), python (threads of Python) or one.",
    "auto",
    _choice("auto", "openmp", "pool", "python", "one"),
)
CPU: Setting[str] = Setting(
    "GATEWISE_CPU",
    "what the kernels are compiled for: native (the default), or a level that the processor has: "
    "sse2, avx2, avx512, avx512bf16 or neon.",
    "native",
    str.lower,
)
TABLE_MEMORY: Setting[int] = Setting(
    "GATEWISE_TABLE_MEMORY",
    "how much of a table is kept in memory, such as 1G (the default): a larger file is read in pieces "
    "and its arrays lie in temporary files.",
    1 << 30,
    _bytes,
)

TRITON_WAY: Setting[str] = Setting(
    "GATEWISE_TRITON_WAY",
    "how the kernels for a GPU run a layer: rows, grid, apart or steps (docs/modules.md says what they "
    "are); unset, the layer's sizes decide.",
    "",
    _choice("rows", "grid", "apart", "steps"),
)
CHECK_PASSES: Setting[bool] = Setting(
    "GATEWISE_CHECK_PASSES",
    "whether every program is checked after every pass of the compiler, 1 or 0 (the default): for "
    "those who write passes.",
    False,
    _truth,
)
RANK: Setting[int] = Setting(
    "RANK", "the number of this process among those of a training; torchrun sets it.", 0, _rank
)
WORLD_SIZE: Setting[int | None] = Setting(
    "WORLD_SIZE", "the number of processes of a training; torchrun sets it.", None, _count
)
LOCAL_WORLD_SIZE: Setting[int | None] = Setting(
    "LOCAL_WORLD_SIZE",
    "the number of those processes on this machine; torchrun sets it.",
    None,
    _count,
)

TABLE: tuple[Setting[Any], ...] = (
    CACHE_DIR,
    CACHE_SIZE,
    NUM_THREADS,
    OMP_NUM_THREADS,
    THREADING,
    CPU,
    TABLE_MEMORY,
    TRITON_WAY,
    CHECK_PASSES,
    RANK,
    WORLD_SIZE,
    LOCAL_WORLD_SIZE,
)


# how OpenMP's threads wait: GNU's in turns of a loop (some ten microseconds), Intel's and LLVM's in
# milliseconds. Both spin for much longer by default, beside whatever else the machine has to do.
_WAITING = {"GOMP_SPINCOUNT": "4000", "KMP_BLOCKTIME": "0"}


def sleep_while_waiting() -> None:
    """Let the threads of OpenMP, PyTorch's among them, sleep soon when they have nothing to do.

    What the user has set stays. It has no effect once PyTorch is loaded.
    """
    if "torch" in sys.modules or os.environ.get("OMP_WAIT_POLICY"):
        return
    for name, value in _WAITING.items():
        os.environ.setdefault(name, value)


def user_cache_folder() -> Path | None:
    """Where the system wants a user's caches, for Gatewise; None for a user without a home."""
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            base = Path(local) if local else Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Caches"
        else:
            base = Path(os.environ.get("XDG_CACHE_HOME", ""))  # the rule: absolute, or ignored
            base = base if base.is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "gatewise"
