"""Kernels run by Triton's interpreter, on the CPU: in a process of its own, as a process either
interprets or compiles. ``make interpreted`` runs this folder; other runs leave it out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

collect_ignore_glob = [] if os.environ.get("TRITON_INTERPRET") == "1" else ["test_*.py"]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Operations here are too small for more."""
    import torch

    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


@pytest.fixture(autouse=True, scope="session")
def language_patched_once() -> Iterator[None]:
    """Triton puts its interpreter's functions into its language, all of them, at every launch and again
    whenever a kernel calls a function: most of the time of a small kernel. Here it is done once."""
    import triton.language as tl
    from triton.runtime import interpreter

    patch_lang = interpreter._patch_lang
    patched = patch_lang(SimpleNamespace(__globals__={"tl": tl, "core": tl.core}))
    interpreter._patch_lang = lambda fn: interpreter._LangPatchScope()  # nothing to restore
    yield
    interpreter._patch_lang = patch_lang
    patched.restore()


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The way asked for by a test's parameter; "" lets the sizes decide."""
    monkeypatch.setenv("GATEWISE_TRITON_WAY", request.param)
    return str(request.param)
