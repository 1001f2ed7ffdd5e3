"""Without its extra, a part of Gatewise says which one to install."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gatewise.extras import FORECAST, MissingExtra, require

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = (
    "torch", "sklearn", "lightning_fabric", "jinja2", "matplotlib", "narwhals", "pandas", "polars",
    "pyarrow", "pydantic", "scipy", "statsforecast", "statsmodels", "tqdm", "typer", "onnx",
    "onnxruntime",
)  # fmt: skip
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
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
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


# --- the extras themselves ------------------------------------------------------------------------

# where the name of a library to import differs from that of its package
IMPORTED_AS = {"scikit-learn": "sklearn"}
# narwhals imports it for the package, by its name
BY_NAME = {"pandas"}


def libraries(extras: dict[str, list[str]], extra: str) -> set[str]:
    """The packages that an extra brings itself, without those of other extras."""
    names = (re.split(r"[<>=\[ ]", requirement)[0] for requirement in extras[extra])
    return {name for name in names if name != "gatewise"}


def imports(source: str) -> set[str]:
    """The top-level modules that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").split(".")[0])
    return names


def test_every_extra_is_used_by_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "gatewise").rglob("*.py")]
    used = set().union(*map(imports, sources))
    used |= {name for name in BY_NAME if any(f'"{name}"' in source for source in sources)}
    for extra in set(extras) - {"all", "dev"}:
        brought = {
            IMPORTED_AS.get(name, name).replace("-", "_") for name in libraries(extras, extra)
        }
        assert brought, f"the extra {extra} brings nothing"
        assert brought <= used, f"the extra {extra} brings what no file imports: {brought - used}"


def test_all_has_every_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (everything,) = extras["all"]
    assert (
        everything == f"gatewise[{','.join(name for name in extras if name not in ('all', 'dev'))}]"
    )


def test_an_unused_library_is_seen() -> None:
    extras = {"serve": ["gatewise[torch]", "fastapi>=0.120", "uvicorn[standard]"], "all": []}
    assert libraries(extras, "serve") == {"fastapi", "uvicorn"}
    assert imports("def late():\n    import a.b\nfrom c.d import e\nfrom .f import g") == {"a", "c"}
