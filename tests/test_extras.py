"""Without its extra, a part of Gatewise says which one to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gatewise.extras import FORECAST, MissingExtra, require

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = (
    "torch",
    "sklearn",
    "lightning_fabric",
    "jinja2",
    "matplotlib",
    "narwhals",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "scipy",
    "statsforecast",
    "statsmodels",
    "tqdm",
    "typer",
    "onnx",
    "onnxruntime",
)
CHILD = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import gatewise as gw
try:
    {statement}
except ImportError as error:
    print(type(error).__name__, isinstance(error, gw.GatewiseError), error)
"""


def said(statement: str, absent: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(absent=set(absent), statement=statement)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


NN = 'MissingExtra True gatewise.nn needs torch: pip install "gatewise[torch]"\n'
TASKS = 'MissingExtra True gatewise.tasks needs narwhals, scipy: pip install "gatewise[forecast]"\n'


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("gw.nn", NN),
        ("gw.swap", NN),
        ("from gatewise.nn import LSTM", NN),
        ("import gatewise.nn.modules.from_keras", NN),
        ("import gatewise.tasks", TASKS),
        ("from gatewise.tasks import Forecaster", TASKS),
        ("from gatewise.tasks.data.reader import read_table", TASKS),
    ],
)
def test_with_the_base_install(statement: str, message: str) -> None:
    assert said(statement, EVERYTHING) == message


def test_with_a_part_of_an_extra() -> None:
    message = said("from gatewise.tasks import Forecaster", ("sklearn", "tqdm"))
    assert message == (
        "MissingExtra True gatewise.tasks.Forecaster needs sklearn, tqdm: "
        'pip install "gatewise[forecast]"\n'
    )


def test_what_the_base_install_has_works() -> None:
    statement = (
        "from gatewise.inspect import check, diagram, latex; "
        "print(len(gw.cells.lstm.names), 'llvm' in gw.explain(gw.cells.lstm, 'llvm'))"
    )
    assert said(statement, EVERYTHING).startswith("6 ")


def test_a_library_that_is_there_is_not_asked_for() -> None:
    require("this", "that", FORECAST)
    with pytest.raises(
        MissingExtra, match=r'this needs no_such_library: pip install "gatewise\[that\]"'
    ):
        require("this", "that", ["json", "no_such_library"])
