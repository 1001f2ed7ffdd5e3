"""A model folder holds one whole model at any moment, whatever happens to the process that saves."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatewise.errors import InputError
from gatewise.tasks import model_dir
from gatewise.tasks.model_dir import CARD, CONFIG, METRICS, REPORT, RUN, WEIGHTS, WRITING, WRITTEN
from tests.tasks.kill import killed_at_system_call

ROOT = Path(__file__).resolve().parents[2]


def files(number: int, *others: str) -> dict[str, bytes]:
    """A model by number: its configuration names its weights, as in real ones."""
    weights = str(number).encode() * 1000
    config = f"{number} {hashlib.sha256(weights).hexdigest()}".encode()
    return {CARD: b"card", CONFIG: config, WEIGHTS: weights} | {n: config for n in others}


def number_of(folder: Path) -> int:
    """Which model it is; fails if it is not whole."""
    config, weights, digest = model_dir.read(folder)
    number, named = config.decode().split()
    assert digest == named and weights == number.encode() * 1000
    return int(number)


def test_written_and_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "model"
    model_dir.write(folder, files(1, REPORT))
    assert number_of(folder) == 1
    (folder / RUN).mkdir()
    inode = folder.stat().st_ino
    model_dir.write(folder, files(2, METRICS))
    assert number_of(folder) == 2
    assert folder.stat().st_ino == inode
    assert {p.name for p in folder.iterdir()} == set(files(2, METRICS))
    assert model_dir.read_extra(folder, METRICS) is not None
    assert model_dir.read_extra(folder, REPORT) is None
    assert [p.name for p in folder.parent.iterdir()] == ["model"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    model_dir.write(tmp_path / "v1", files(1))
    (tmp_path / "current").symlink_to("v1")
    model_dir.write(tmp_path / "current", files(2))
    assert (tmp_path / "current").is_symlink()
    assert number_of(tmp_path / "v1") == number_of(tmp_path / "current") == 2
    (tmp_path / "later").symlink_to("v3")  # to a place where nothing is yet
    model_dir.write(tmp_path / "later", files(3))
    assert number_of(tmp_path / "v3") == 3 and (tmp_path / "later").is_symlink()


def test_a_link_in_the_folder_is_replaced_not_followed(tmp_path: Path) -> None:
    model_dir.write(tmp_path / "model", files(1))
    (tmp_path / "mine").write_bytes(b"years of work")
    (tmp_path / "model" / CARD).unlink()
    (tmp_path / "model" / CARD).symlink_to("../mine")
    (tmp_path / "model" / (WRITING + "x")).symlink_to("..")
    model_dir.write(tmp_path / "model", files(2))
    assert (tmp_path / "mine").read_bytes() == b"years of work"
    assert not (tmp_path / "model" / CARD).is_symlink()


def alone(function: Callable[[Path], None], folder: Path) -> None:
    """Run a function of this file in a process of its own: one that has no torch forks much faster."""
    code = f"import pathlib, {__name__} as here; here.{function.__name__}(pathlib.Path({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def kill_at_every_system_call(root: Path) -> None:
    folder = root / "link"
    folder.symlink_to("model")
    model_dir.write(folder, files(0, REPORT))
    calls, changed, ended = 0, [], False
    while not ended:
        new = 2 * calls + 1
        ended = killed_at_system_call(
            lambda n=new: model_dir.write(folder, files(n, METRICS)), calls
        )
        changed.append(number_of(folder) - new + 1)
        if calls % 4 == 0:  # sometimes the next save is killed as well
            killed_at_system_call(lambda: model_dir.write(folder, files(-1)), calls)
            assert number_of(folder) in (new - 1, new, -1)
        model_dir.check_free(folder, force=True)
        model_dir.write(folder, files(new + 1, REPORT))
        assert number_of(folder) == new + 1
        assert {p.name for p in (root / "model").iterdir()} == set(files(0, REPORT))
        calls += 1
    assert changed == sorted(changed)  # there is one moment at which the new model is there
    assert changed[0] == 0 and changed[-1] == 1 and calls > 30


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are counted by Linux")
def test_killed_at_every_system_call(tmp_path: Path) -> None:
    """Old or new, never none and never a mixture; the next save leaves nothing behind."""
    alone(kill_at_every_system_call, tmp_path)


def kill_at_every_system_call_of_the_first_save(root: Path) -> None:
    calls = 0
    while True:
        folder = root / f"model{calls}"
        if killed_at_system_call(lambda at=folder: model_dir.write(at, files(1)), calls):
            break
        if folder.exists() and ((folder / WRITTEN).exists() or (folder / CONFIG).exists()):
            assert number_of(folder) == 1
        else:  # there was no model, and there is none
            model_dir.check_free(folder, force=False)
        model_dir.write(folder, files(2))
        assert number_of(folder) == 2
        assert {p.name for p in folder.iterdir()} == set(files(2))
        calls += 1
    assert calls > 20


@pytest.mark.skipif(sys.platform != "linux", reason="system calls are counted by Linux")
def test_killed_at_every_system_call_of_the_first_save(tmp_path: Path) -> None:
    alone(kill_at_every_system_call_of_the_first_save, tmp_path)


def test_interrupted_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after a step of the save, or a disk that is full there."""
    folder = tmp_path / "model"
    steps = [(Path, "rename"), (Path, "chmod"), (os, "replace"), (os, "fsync"), (Path, "rmdir")]
    for owner, name in steps:
        for error in (KeyboardInterrupt(), OSError(28, "No space left on device")):
            model_dir.write(folder, files(1))
            real = getattr(owner, name)

            def fails(*args: object, real: object = real, error: BaseException = error) -> None:
                real(*args)  # type: ignore[operator]
                raise error

            with monkeypatch.context() as patch:
                patch.setattr(owner, name, fails)
                try:
                    model_dir.write(folder, files(2))
                except (KeyboardInterrupt, InputError) as raised:
                    assert isinstance(raised, KeyboardInterrupt) or "No space" in str(raised)
            assert number_of(folder) in (1, 2)
            model_dir.write(folder, files(3))
            assert number_of(folder) == 3
            assert {p.name for p in folder.iterdir()} == set(files(3))


def test_a_failed_first_save_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model_dir, "write_synced", full)
    with pytest.raises(InputError, match="No space left"):
        model_dir.write(tmp_path / "model", files(1))
    assert not list(tmp_path.iterdir())


def test_read_while_it_is_saved(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    model_dir.write(folder, files(0))
    stop = threading.Event()

    def save() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            model_dir.write(folder, files(number))

    savers = [threading.Thread(target=save) for _ in range(2)]
    for saver in savers:
        saver.start()
    try:
        numbers = {number_of(folder) for _ in range(300)}
        latest = time.monotonic() + 60
        while len(numbers) < 2 and time.monotonic() < latest:  # a busy machine lets nobody save
            numbers.add(number_of(folder))
    finally:
        stop.set()
        for saver in savers:
            saver.join()
    assert len(numbers) > 1
    assert {p.name for p in folder.iterdir()} == set(files(0))


def test_what_is_no_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("years of work")
    for name in ("mine", "file"):
        with pytest.raises(InputError, match="not just a model"):
            model_dir.check_free(tmp_path / name, force=True)
    with pytest.raises(InputError, match="Not a directory"):
        model_dir.write(tmp_path / "file" / "model", files(1))
    for name in ("a" * 300, "nul\0"):
        with pytest.raises(InputError, match="cannot write"):
            model_dir.write(tmp_path / name, files(1))
        with pytest.raises(InputError, match=r"cannot write|not a saved model"):
            model_dir.read(tmp_path / name)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (tmp_path / "secret").write_bytes(b"secret")
    for name in (WEIGHTS, CONFIG):
        model_dir.write(folder, files(1))
        for make in (
            lambda path: os.mkfifo(path),
            lambda path: path.mkdir(),
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: path.symlink_to("../secret"),
            lambda path: path.symlink_to(path.name),
        ):
            path = folder / name
            path.rmdir() if path.is_dir() else path.unlink()
            make(path)
            with pytest.raises(InputError, match=f"not a saved model: {name}: "):
                model_dir.read(folder)
        path.unlink()
        with path.open("wb") as file:
            file.truncate(model_dir.MOST[name] + 1)
        with pytest.raises(InputError, match="more than"):
            model_dir.read(folder)


def test_a_planted_written_folder_that_is_a_link(tmp_path: Path) -> None:
    model_dir.write(tmp_path / "other", files(2))
    model_dir.write(tmp_path / "model", files(1))
    (tmp_path / "model" / WRITTEN).symlink_to("../other")
    assert number_of(tmp_path / "model") == 1
