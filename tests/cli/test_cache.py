"""gatewise cache: what is kept, where, and how it is removed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from gatewise import settings
from gatewise.backends.llvm.machine import cache, kernel_folder
from gatewise.cli import FAILED, main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(settings.CACHE_DIR.name, str(tmp_path / "mine"))
    monkeypatch.setenv(settings.CACHE_SIZE.name, "3M")
    return tmp_path / "mine" / "kernels"


def kept(count: int) -> None:
    """Put objects of a megabyte into the cache of this process."""
    for n in range(count):
        cache.default().get(hashlib.sha256(bytes([n])).hexdigest(), lambda: bytes(2**20))


def test_a_cache_that_was_never_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache"]) == 0
    assert (
        capsys.readouterr().out
        == f"folder   {folder}\nkernels  0\nsize     0.0 MB of at most 3.0 MB\n"
    )
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr() == ("removed 0 kernels\n", "")
    assert not folder.exists()  # looking makes nothing


def test_it_shows_and_clears(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept(2)
    (folder / "letter.txt").write_text("not ours")
    assert main(["cache"]) == 0
    assert "kernels  2\nsize     2.0 MB of at most 3.0 MB\n" in capsys.readouterr().out
    assert main(["cache", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("bytes") == sum(f.stat().st_size for f in folder.glob("*.kernel"))
    assert shown == {"folder": str(folder), "problem": "", "kernels": 2, "limit": 3 << 20}
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr() == ("removed 2 kernels\n", "")
    assert [f.name for f in folder.iterdir()] == ["letter.txt"]
    kept(1)
    assert main(["cache", "clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": 1, "left": 0}


def test_a_size_of_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(settings.CACHE_SIZE.name, "0")
    assert main(["cache"]) == 0
    assert capsys.readouterr().out == "no kernels are kept: a size of 0 keeps none\n"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="owners and modes are POSIX's")
def test_a_folder_that_others_can_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    (folder / ("ab" * 32 + ".kernel")).write_bytes(b"planted")
    assert main(["cache"]) == 0
    assert "no kernels are kept: it does not belong" in capsys.readouterr().out
    assert main(["cache", "clear"]) == FAILED
    assert "chmod 700 would do" in capsys.readouterr().err


def test_files_that_stay(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept(2)
    monkeypatch.setattr(kernel_folder, "_remove", lambda path: False)
    assert main(["cache", "clear"]) == FAILED
    shown = capsys.readouterr()
    assert shown.out == "removed 0 kernels\n" and "2 could not be removed" in shown.err


@pytest.mark.parametrize(("name", "value"), [("CACHE_SIZE", "lots"), ("CACHE_DIR", "relative")])
def test_settings_that_make_no_sense(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(getattr(settings, name).name, value)
    assert main(["cache"]) == FAILED
    assert f"GATEWISE_{name}='{value}' cannot be used" in capsys.readouterr().err
