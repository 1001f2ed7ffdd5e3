"""Fixtures and settings that every test may use."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# The same examples in every run and on every machine: a red test must be red again. A deadline
# would measure the machine. For a wider search: HYPOTHESIS_PROFILE=search.
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
# several processes run the tests, one a core: threads of their own would only fight for the cores
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# Tests start many processes: where bytecode is not written, each would compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# The kernels that tests compile are not put among the user's, and the next run starts with them.
os.environ.setdefault(
    "GATEWISE_CACHE_DIR", str(Path(__file__).resolve().parents[1] / "build" / "test-kernels")
)
os.environ.setdefault(
    "TRITON_CACHE_DIR",
    str(Path(__file__).resolve().parents[1] / "build" / "test-kernels" / "triton"),
)
# programs are legal after every pass, whichever test makes them
os.environ.setdefault("GATEWISE_CHECK_PASSES", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files anew, then compare"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """How tests are shared out, unless another way is asked for."""
    if config.getoption("dist") not in ("load", "loadgroup"):  # the first is what xdist would do
        return None
    from tests.scheduling import ByFile

    return ByFile(config, log)


def pytest_collection_finish() -> None:
    """What is imported stays: the garbage collector need not look through it again and again.
    Nor need it look through what tests make after every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data: ``GATEWISE_DATA``, or ``shared/data`` beside the checkout.

    The data are not part of the project; a test that needs them is skipped where they are absent.
    """
    named = os.environ.get("GATEWISE_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        if named:
            pytest.fail(f"GATEWISE_DATA names no folder: {folder}")
        pytest.skip(f"no real data at {folder}; set GATEWISE_DATA to the folder that has them")
    return folder
