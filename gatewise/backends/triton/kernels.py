"""From the text of a kernel to something that can be launched. Triton itself keeps what it compiled, and has
no types that mypy could read: what comes from it is ``Any``."""

from __future__ import annotations

import functools
import hashlib
import linecache
from typing import Any


@functools.lru_cache(maxsize=512)
def load(text: str) -> Any:
    """The function ``kernel`` of a text, as Triton's decorator makes it.

    Triton reads the source of a function again, so the text is known under a name of its own.
    """
    name = f"<gatewise kernel {hashlib.sha256(text.encode()).hexdigest()[:16]}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"__name__": "gatewise_kernel", "__file__": name}
    exec(compile(text, name, "exec"), scope)
    return scope["kernel"]


def element(dtype: str) -> Any:
    """Triton's own type of a name such as "bfloat16"."""
    import triton.language as tl

    return getattr(tl, dtype)


def launch_options(warps: int, cooperative: bool = False) -> dict[str, object]:
    """How Triton compiles and launches a kernel. ``cooperative``: its programs run at the same time."""
    options: dict[str, object] = {"num_warps": warps, "num_stages": 1, "enable_fp_fusion": True}
    if cooperative:
        options["launch_cooperative_grid"] = True
    return options


def interpreted() -> bool:
    """Whether Triton interprets kernels on the CPU in this process: for tests and debugging."""
    from triton import knobs

    return bool(knobs.runtime.interpret)
