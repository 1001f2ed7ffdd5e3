"""The rules of the house that a machine can see: who imports whom, what loads when, how long.

The table below is the one in CONTRIBUTING.md, as data. A new layer needs a row here first.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "gatewise"
SOURCES = sorted(PACKAGE.rglob("*.py"))

MAX_LINES = 500
MAX_IMPORT = 1.2  # times what import numpy takes after it
LAZY = ("torch", "llvmlite", "triton", "onnx")


@dataclass(frozen=True)
class Layer:
    """What the modules of one layer may import, besides the standard library and themselves."""

    layers: frozenset[str]
    libraries: frozenset[str]


def layer(layers: str = "", libraries: str = "") -> Layer:
    return Layer(frozenset(layers.split()), frozenset(libraries.split()))


ANY = "*"
COMMON = frozenset(
    {"errors", "extras", "files", "settings", "version"}
)  # every layer may import these
LANGUAGE = "ir lang cells"
FRAMES = "narwhals pandas polars pyarrow openpyxl babel charset_normalizer holidays"
TRAINING = "numpy torch lightning_fabric safetensors scipy sklearn pydantic pydantic_core tqdm"
PICTURES = "matplotlib jinja2 markupsafe"

LAYERS: dict[str, Layer] = {
    "errors": layer(),
    "extras": layer("errors"),
    "files": layer(),
    "settings": layer("errors"),
    "version": layer(),
    "ir": layer(),
    "lang": layer("ir"),
    "cells": layer("lang ir"),
    "passes": layer("ir"),
    "interp": layer("ir", "numpy"),
    "backends": layer("ir", "numpy"),  # base.py and the discovery; no backend by name
    "backends.eager": layer("ir backends", "numpy torch"),
    "backends.interpreter": layer("ir backends interp", "numpy torch"),
    "backends.llvm": layer("ir backends", "numpy llvmlite"),
    "backends.triton": layer("ir backends", "numpy torch triton"),
    "backends.onnx": layer("ir backends", "numpy onnx"),
    "compile": layer(
        f"{LANGUAGE} passes interp backends backends.llvm backends.triton backends.onnx",
        "numpy",
    ),
    # Cells and programs are what the upper layers talk about; passes and backends are not.
    "nn": layer(f"{LANGUAGE} compile", "numpy torch"),
    "runtime": layer(f"{LANGUAGE} compile", "numpy safetensors"),
    "tasks": layer(
        f"{LANGUAGE} compile nn runtime",
        f"{TRAINING} {FRAMES} {PICTURES} statsmodels statsforecast aeon soundfile",
    ),
    "inspect": layer(
        f"{LANGUAGE} passes interp compile nn runtime", f"{TRAINING} {FRAMES} {PICTURES}"
    ),
    "lab": layer(f"{LANGUAGE} compile nn", "numpy torch sklearn hmmlearn optuna matplotlib"),
    "export": layer(f"{LANGUAGE} compile nn runtime", "numpy torch safetensors onnx onnxruntime"),
    "cli": layer(ANY, ANY),
    "": layer(ANY),  # gatewise/__init__.py: public names, loaded when they are asked for
    "__main__": layer("cli"),
}

# Inside a layer, what the files of a folder may import of its other folders and files. ``__init__`` files
# may import everything below them.
FOLDERS: dict[str, str] = {
    "backends.llvm.ir_text": "",
    "backends.llvm.machine": "",
    "backends.llvm.library": "ir_text machine",
    "backends.llvm.plan": "ir_text machine library",
    "backends.llvm.emit": "ir_text machine library plan",
    "backends.llvm.run": "ir_text machine library plan emit",
    "backends.llvm.runtime": "ir_text machine library plan emit run",
    "backends.llvm.explain": "ir_text machine library plan emit run",
    "nn.plan": "",
    "nn.compiled": "plan",
    "nn.execution": "plan compiled",
    "nn.convert": "plan compiled execution",
    "nn.modules": "plan compiled execution convert",
    "nn.init": "plan modules",
    "tasks.data": "",
    "tasks.report": "training",
    "tasks.model_dir": "",
    "tasks.estimator": "model_dir",
    "tasks.training": "model_dir",
    "tasks.options": "training",
    "tasks.model_files": "model_dir training",
    "tasks.audio": "data",
    "tasks.sequences": "data model_dir model_files estimator options training audio",
}
# every folder with an estimator is a task: it shares these, and no task imports another
FOLDERS |= {
    f"tasks.{path.parent.name}": "data report model_dir model_files estimator options training audio sequences"
    for path in sorted(PACKAGE.glob("tasks/*/estimator.py"))
}
# folders that may not import a library which their layer may
WITHOUT: dict[str, frozenset[str]] = {
    "tasks.data": frozenset({"torch", "lightning_fabric"}),
    "backends.llvm.plan": frozenset({"llvmlite"}),
    "backends.llvm.emit": frozenset({"llvmlite"}),
}


# --- who imports whom ---------------------------------------------------------------------------


def module_of(path: Path) -> str:
    """The dotted name of a file inside the package: ``ir.node``; empty for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str | None:
    """The longest row of the table that the module lies in; None where there is none."""
    parts = module.split(".")
    if parts[0] == "backends" and len(parts) > 1:
        # backends/<name>/ is a layer of its own, and must have a row; base.py has not.
        return "backends" if parts[1] == "base" else known(".".join(parts[:2]))
    return known(parts[0])


def known(name: str) -> str | None:
    return name if name in LAYERS else None


def folder_of(module: str) -> str | None:
    """The row of ``FOLDERS`` that a module lies in; None where there is none."""
    parts = module.split(".")
    names = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
    return next((name for name in names if name in FOLDERS), None)


def in_folders(module: str) -> bool:
    """Whether a module lies in a layer whose folders have rows, and needs one itself."""
    parents = {name.rpartition(".")[0] for name in FOLDERS}
    return any(module.startswith(f"{parent}.") for parent in parents)


def imported_names(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Yield (line, absolute dotted name) of every import, wherever it stands in the file.

    Imports inside functions and under ``TYPE_CHECKING`` count: they are dependencies too. So does
    ``importlib.import_module("name")``; a name that is computed cannot be seen.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and _is_import_call(node.func):
            literal = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if isinstance(literal, str):
                yield node.lineno, _absolute(literal, package)


def _absolute(name: str, package: str) -> str:
    """Resolve leading dots against the package that the importing file lies in."""
    rest = name.lstrip(".")
    level = len(name) - len(rest)
    if not level:
        return name
    parents = package.split(".")
    return ".".join([*parents[: len(parents) - level + 1], *([rest] if rest else [])])


def _is_import_call(func: ast.expr) -> bool:
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in {"import_module", "__import__"}


def violations(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What a module imports against the table, one readable line each."""
    own = layer_of(module)
    if own is None:
        return [f"gatewise.{module}: no layer of this name; add a row to LAYERS"]
    allowed = LAYERS[own]
    dotted = f"gatewise.{module}".rstrip(".")
    package = dotted if is_package else dotted.rpartition(".")[0]
    if in_folders(module) and folder_of(module) is None:
        return [f"gatewise.{module}: no folder of this name; add a row to FOLDERS"]
    complaints = []
    for line, name in imported_names(ast.parse(source), package):
        complaint = _complaint(name, own, allowed) or _folder_complaint(name, folder_of(module))
        if complaint:
            complaints.append(f"{dotted}, line {line}: {complaint}")
    return complaints


def _complaint(name: str, own: str, allowed: Layer) -> str:
    top, _, rest = name.partition(".")
    if top != "gatewise":
        fine = top in sys.stdlib_module_names or {top, ANY} & allowed.libraries
        return "" if fine else f"layer {own or 'root'} may not import the library {top}"
    if rest == "__version__":  # a constant that files carry; the root imports nothing for it
        return ""
    target = layer_of(rest)
    if target is None:  # a name defined there: `from gatewise[.backends] import something`
        target = "backends" if rest.startswith("backends.") else ""
    fine = target == own or target in COMMON or {target, ANY} & allowed.layers
    return "" if fine else f"layer {own or 'root'} may not import {name}"


def _folder_complaint(name: str, own: str | None) -> str:
    if own is None:
        return ""
    top, _, rest = name.partition(".")
    if top != "gatewise":
        return f"{own} may not import the library {top}" if top in WITHOUT.get(own, ()) else ""
    parent = own.rpartition(".")[0]
    target = folder_of(rest)
    if target is None or target == own or not target.startswith(f"{parent}."):
        return ""
    fine = target.removeprefix(f"{parent}.") in FOLDERS[own].split()
    return "" if fine else f"{own} may not import {name}"


def test_imports_follow_the_table() -> None:
    found = [
        complaint
        for path in SOURCES
        for complaint in violations(
            path.read_text(encoding="utf-8"),
            module_of(path),
            is_package=path.name == "__init__.py",
        )
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ir.node", "import numpy"),
        ("ir.node", "from gatewise.lang import cell"),
        ("ir.node", "from ..passes import pipeline"),
        ("ir.node", "def late():\n    import torch"),
        ("lang.cell", "from gatewise import cells"),
        ("cells.lstm", "import gatewise as gw"),
        ("cells.lstm", "from gatewise import cell"),
        ("passes.cse", "from gatewise.interp import run"),
        ("passes.cse", "from gatewise.backends import base"),
        ("interp", "from .compile import compile"),
        ("backends.llvm.explain", "from gatewise.passes import pipeline"),
        ("backends.llvm.explain", "from ..eager import run"),
        ("backends.llvm.explain", "from .. import eager"),
        ("backends.llvm.explain", "import torch"),
        (
            "backends.llvm.explain",
            "import importlib\nimportlib.import_module('..eager', __package__)",
        ),
        ("backends.base", "from .llvm import explain"),
        ("backends.eager.run", "import importlib\nimportlib.import_module('llvmlite.binding')"),
        ("backends.novel.emit", "import math"),
        ("nn.plan.registry", "from gatewise.backends.llvm.machine import jit"),
        ("nn.plan.registry", "if TYPE_CHECKING:\n    from gatewise.passes import pipeline"),
        ("runtime.model", "import torch"),
        ("runtime.model", "from gatewise.nn import LSTM"),
        ("tasks.forecast.fitting", "from gatewise.cli import main"),
        ("tasks.data.reader", "from gatewise.tasks.forecast.config import Config"),
        ("tasks.data.reader", "import torch"),
        ("tasks.training.loop", "from gatewise.tasks.data import series"),
        ("tasks.other.loop", "import math"),
        ("tasks.estimator", "from gatewise.tasks.training import loop"),
        ("tasks.training.loop", "from gatewise.tasks.estimator import Estimator"),
        ("nn.plan.registry", "from gatewise.nn.compiled.kernels import kernels"),
        ("nn.compiled.kernels", "def late():\n    from gatewise.nn.modules import base"),
        ("backends.llvm.library.gemm", "from gatewise.backends.llvm.plan.tiles import TILE"),
        ("backends.llvm.emit.math", "import llvmlite.binding"),
        ("errors", "from gatewise.ir import node"),
        ("unheard_of", "import math"),
    ],
)
def test_the_checker_sees_a_forbidden_import(module: str, source: str) -> None:
    assert len(violations(source, module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("ir.node", "from __future__ import annotations\nimport json, dataclasses"),
        ("ir.node", "from . import ops\nfrom .size import Size\nfrom gatewise.errors import X"),
        ("lang.cell", "from ..ir.node import Node\nfrom gatewise import settings"),
        ("backends.llvm.machine.jit", "import llvmlite.binding as llvm"),
        ("compile", "from gatewise.backends.llvm.machine import jit\nfrom .passes import pipeline"),
        ("compile", "from gatewise.backends import find\nfrom .backends.base import Backend"),
        ("runtime.model", "from gatewise import __version__\nimport numpy as np"),
        ("cli.fit", "import typer\nfrom gatewise.tasks import Forecaster\nimport gatewise as gw"),
    ],
)
def test_the_checker_lets_the_right_imports_pass(module: str, source: str) -> None:
    assert violations(source, module) == []


def import_graph() -> dict[str, set[str]]:
    """For every file of the package, those that it imports, wherever the import stands."""
    modules = {f"gatewise.{module_of(path)}".rstrip("."): path for path in SOURCES}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        tree, targets = ast.parse(path.read_text(encoding="utf-8")), set()
        for _, name in imported_names(tree, package):
            # a module, or a name that is defined in one
            target = name if name in modules else name.rpartition(".")[0]
            targets |= {target} & modules.keys() - {module}
        graph[module] = targets
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Files that import each other in a circle; empty if there are none."""
    done: set[str] = set()

    def follow(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module not in done:
            for target in sorted(graph[module]):
                if around := follow(target, [*way, module]):
                    return around
            done.add(module)
        return []

    return next(filter(None, (follow(module, []) for module in sorted(graph))), [])


def test_no_files_import_each_other() -> None:
    around = circle(import_graph())
    assert not around, " -> ".join(around)


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def computed_imports(source: str, package: str) -> list[int]:
    """Lines that import a name which is computed and may lie outside of the file's own package."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args and _is_import_call(node.func)):
            continue
        name = node.args[0]
        start = name.values[0] if isinstance(name, ast.JoinedStr) else name
        if isinstance(start, ast.FormattedValue) and ast.unparse(start.value) == "__name__":
            continue
        if isinstance(start, ast.Constant) and not isinstance(name, ast.JoinedStr):
            continue
        inside = isinstance(start, ast.Constant) and str(start.value).startswith(f"{package}.")
        if not inside:
            lines.append(node.lineno)
    return lines


def test_no_name_is_imported_by_a_computed_string() -> None:
    """But for a member of one's own package: a backend, a cell, a verb of the command line."""
    lines = {
        str(path.relative_to(ROOT)): computed_imports(
            path.read_text(encoding="utf-8"), ".".join(path.relative_to(ROOT).parent.parts)
        )
        for path in SOURCES
    }
    assert not {path: of for path, of in lines.items() if of}


def test_a_computed_import_is_seen() -> None:
    assert computed_imports("import_module(f'{type(x).__module__}.run')", "gatewise.nn") == [1]
    assert computed_imports("import_module(f'gatewise.backends.{n}')", "gatewise.nn") == [1]
    assert computed_imports("import_module(name)", "gatewise.nn") == [1]
    assert not computed_imports("import_module(f'gatewise.nn.{name}')", "gatewise.nn")
    assert not computed_imports("import_module('gatewise.compile').explain", "gatewise")


# --- what loads when ----------------------------------------------------------------------------


def test_import_is_quick_and_loads_no_backend() -> None:
    child = (
        "import json, sys, time\n"
        "start = time.process_time()\n"  # of this process alone: others may be busy
        "import gatewise\n"
        "middle = time.process_time()\n"
        f"loaded = [name for name in {LAZY!r} if name in sys.modules]\n"
        "again = time.process_time()\n"
        "import numpy\n"  # the measure: machines differ, and so do their hours
        "ratio = (middle - start) / (time.process_time() - again)\n"
        "print(json.dumps([ratio, loaded]))\n"
    )
    ratios = []
    for _ in range(5):  # the best of five: the others measure the machine, not the package
        done = subprocess.run(
            [sys.executable, "-c", child], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        ratio, loaded = json.loads(done.stdout)
        assert loaded == [], f"import gatewise loads {', '.join(loaded)}"
        ratios.append(ratio)
    best = min(ratios)
    assert best < MAX_IMPORT, f"import gatewise takes {best:.2f} times as long as import numpy"


# --- size and cleanliness of the files ----------------------------------------------------------


def test_no_file_is_too_long() -> None:
    assert SOURCES
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    long = [f"{p.relative_to(ROOT)}: {n} lines" for p, n in lengths.items() if n > MAX_LINES]
    assert not long, f"more than {MAX_LINES} lines (one subject a file):\n" + "\n".join(long)


BUILD_PATH = re.compile(rb"(?<![\w.~-])/(?:work|root)/")


def project_files() -> list[Path]:
    """Every file that is tracked, or would be with the next ``git add``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.is_file() and path != Path(__file__).resolve()]


def test_no_file_names_the_machine_it_was_made_on() -> None:
    files = project_files()
    assert files
    found = [
        f"{path.relative_to(ROOT)}, line {number}"
        for path in files
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if BUILD_PATH.search(line)
    ]
    assert not found, "absolute paths of a build machine:\n" + "\n".join(found)


def test_the_path_scan_sees_a_path() -> None:
    assert BUILD_PATH.search(b'open("/work/data.csv")')
    assert BUILD_PATH.search(b"built in /root/src/gatewise")
    assert not BUILD_PATH.search(b"docs/work/flow.md, ../root/")


def pickle_imports(source: str) -> list[str]:
    forbidden = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve"}
    names = (name for _, name in imported_names(ast.parse(source), "gatewise"))
    return [name for name in names if name.split(".")[0] in forbidden]


def test_nothing_pickles() -> None:
    found = {p.relative_to(ROOT): pickle_imports(p.read_text(encoding="utf-8")) for p in SOURCES}
    assert not {path: names for path, names in found.items() if names}


def test_the_pickle_scan_sees_pickle() -> None:
    assert pickle_imports("def save():\n    from pickle import dumps") == ["pickle.dumps"]


# --- the environment ----------------------------------------------------------------------------


def environment_reads(source: str) -> list[int]:
    """Lines that read or set environment variables, by whatever name of ``os`` and ``environ``."""
    tree = ast.parse(source)
    names = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
    imported = {
        alias.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("os", "posix", "nt")
        for alias in node.names
        if alias.name in names
    }
    attributes = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in names
    }
    return sorted(imported | attributes)


def test_only_settings_reads_the_environment() -> None:
    lines = {
        str(path.relative_to(ROOT)): environment_reads(path.read_text(encoding="utf-8"))
        for path in SOURCES
        if module_of(path) != "settings"
    }
    assert not {path: numbers for path, numbers in lines.items() if numbers}


def test_a_read_of_the_environment_is_seen() -> None:
    assert environment_reads("import os\nrank = int(os.environ.get('RANK', 0))") == [2]
    assert environment_reads("import os as system\nsystem.getenv('RANK')") == [2]
    assert environment_reads("def late():\n    from os import environ as e") == [2]
    assert not environment_reads("from gatewise.settings import RANK\nRANK.get()")
