"""The rows of the house, as data: what each layer and each folder may import. A new one needs a row first.

The table in CONTRIBUTING.md says the same for people.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.architecture.sources import PACKAGE


@dataclass(frozen=True)
class Layer:
    """What the modules of one layer may import, besides the standard library and themselves."""

    layers: frozenset[str]
    libraries: frozenset[str]


def layer(layers: str = "", libraries: str = "") -> Layer:
    return Layer(frozenset(layers.split()), frozenset(libraries.split()))


ANY = "*"
COMMON = frozenset(
    {"arrays", "errors", "extras", "files", "settings", "version"}
)  # every layer may import these
LANGUAGE = "ir lang cells"
FRAMES = "narwhals pandas polars pyarrow openpyxl babel charset_normalizer holidays"
TRAINING = "numpy torch lightning_fabric safetensors scipy sklearn pydantic pydantic_core tqdm"
PICTURES = "matplotlib jinja2 markupsafe"

LAYERS: dict[str, Layer] = {
    "arrays": layer(libraries="numpy"),
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
    # base.py, schedule.py and the discovery; no backend by name; the tensors of a call, as a type alone
    "backends": layer("ir", "numpy torch"),
    "backends.eager": layer("ir backends", "numpy torch"),
    "backends.interpreter": layer("ir backends interp", "numpy torch"),
    "backends.llvm": layer("ir backends", "numpy llvmlite"),
    # what lies outside of the loop over time, and second derivatives, are plain operations
    "backends.triton": layer("settings ir backends backends.eager", "numpy torch triton"),
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
        f"{TRAINING} {FRAMES} {PICTURES} statsmodels statsforecast aeon river soundfile optuna sktime wfdb",
    ),
    "inspect": layer(
        f"{LANGUAGE} passes interp compile nn runtime", f"{TRAINING} {FRAMES} {PICTURES}"
    ),
    "lab": layer(
        f"{LANGUAGE} compile nn inspect", "numpy torch sklearn scipy hmmlearn optuna matplotlib"
    ),
    "control": layer(
        f"{LANGUAGE} compile nn inspect runtime tasks",
        f"{TRAINING} {FRAMES} {PICTURES} gymnasium PIL imageio_ffmpeg",
    ),
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
    "tasks.data_digest": "",
    "tasks.tuning": "data_digest estimator",
    "tasks.adapters": "classify regress",
    "tasks.sequences": "data model_dir model_files estimator options training audio",
    "tasks.stream": "options sequences training",
    "tasks.steps": "data report model_dir model_files estimator options training audio sequences",
}
# every other folder with an estimator is a task: it shares these, and no task imports another
SHARED = "data report model_dir model_files estimator options training audio sequences steps"
TASKS = {f"tasks.{path.parent.name}" for path in PACKAGE.glob("tasks/*/estimator.py")}
FOLDERS |= dict.fromkeys(sorted(TASKS - FOLDERS.keys()), SHARED)
# folders that may not import a library which their layer may
WITHOUT: dict[str, frozenset[str]] = {
    "tasks.data": frozenset({"torch", "lightning_fabric"}),
    "backends.llvm.plan": frozenset({"llvmlite"}),
    "backends.llvm.emit": frozenset({"llvmlite"}),
}
