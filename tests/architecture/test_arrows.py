"""Who may import whom, by the rows of ``layers.py``."""

from __future__ import annotations

import sys

import pytest

from tests.architecture.layers import ANY, COMMON, FOLDERS, LAYERS, WITHOUT, Layer
from tests.architecture.sources import SOURCES, imported_names, module_of


def layer_of(module: str) -> str | None:
    """The longest row of the table that the module lies in; None where there is none."""
    parts = module.split(".")
    if parts[0] == "backends" and len(parts) > 1:
        # backends/<name>/ is a layer of its own, and must have a row; base.py has not.
        return "backends" if parts[1] in ("base", "schedule") else known(".".join(parts[:2]))
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
    for line, name in imported_names(source, package):
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
    forbidden = [
        complaint
        for path in SOURCES
        for complaint in violations(
            path.read_text(encoding="utf-8"),
            module_of(path),
            is_package=path.name == "__init__.py",
        )
    ]
    assert not forbidden, "\n".join(forbidden)


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
