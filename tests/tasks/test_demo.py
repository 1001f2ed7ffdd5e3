"""``make demo`` says what it promises, and writes only where it says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "examples" / "demo.py"


@pytest.mark.slow
def test_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(DEMO), run_name="__main__")
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) < 60 and max(map(len, out.splitlines())) <= 80
    assert re.search(r"missing  59 of 2284 values", out)
    assert out.index("MY_PEEPHOLE  ") < out.index("seasonal drift 52") < out.index("last value")
    assert len(re.findall(r"\d ms", out)) == 2
    assert {p.name for p in tmp_path.iterdir()} == {"build"}
    assert (tmp_path / "build" / "demo" / "report.html").exists()
