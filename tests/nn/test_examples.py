"""The scripts in examples/ that concern the torch modules run, and show what they say they show."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def run(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    return capsys.readouterr().out


def numbers(pattern: str, text: str) -> list[float]:
    return [float(n) for n in re.findall(pattern, text)]


def test_swap(capsys: pytest.CaptureFixture[str]) -> None:
    text = run("swap", capsys)
    assert "swapped 2, left 0" in text and "the same parameters: True" in text
    assert numbers(r"outputs: (\S+)", text)[0] < 1e-6


def test_own_cell(capsys: pytest.CaptureFixture[str]) -> None:
    right = numbers(r"right (\d+)%", run("own_cell", capsys))
    assert right[0] < 60 and right[-1] > 95


def test_resets(capsys: pytest.CaptureFixture[str]) -> None:
    text = run("resets", capsys)
    without, with_ = numbers(r"resets: loss (\S+)", text)
    assert with_ < 0.05 < without
    right, total = numbers(r"(\d+) (?:of|answers)", text)
    assert right == total > 100


def test_record_gates(capsys: pytest.CaptureFixture[str]) -> None:
    assert numbers(r"right: (\d+)%", run("record_gates", capsys))[0] > 95


def test_long_sequences() -> None:
    """In a process of its own: a peak of memory is a process's."""
    script = [sys.executable, str(FOLDER / "long_sequences.py")]
    text = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    *less, everything = numbers(r"([\d.]+) MB", text)
    assert len(less) == 2 and max(less) < everything - 50  # of 68 MB that are kept
    assert max(numbers(r"differs by (\S+)", text)) < 1e-4
    assert 0.5 < numbers(r"cosine with the full gradient (\S+)", text)[0] < 1
