"""Only regular files of a bounded size, inside their folder, are read."""

from __future__ import annotations

import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from gatewise.files import read_regular


def test_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"12345")
    assert read_regular(tmp_path / "data", 5) == b"12345"


def test_a_larger_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "data").open("wb") as file:
        file.truncate(1 << 40)  # a hole: it takes no room
    with pytest.raises(OSError, match="more than 1,000 bytes"):
        read_regular(tmp_path / "data", 1000)


def test_a_file_that_grows_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"123")
    size = os.fstat

    def grows(descriptor: int) -> os.stat_result:
        status = size(descriptor)
        with path.open("ab") as file:
            file.write(b"456")
        return status

    monkeypatch.setattr(os, "fstat", grows)
    with pytest.raises(OSError, match="is being written"):
        read_regular(path, 7)


def test_as_much_memory_as_there_is_content(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"12345")
    tracemalloc.start()
    try:
        read_regular(tmp_path / "data", 1 << 30)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_regular_file_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    here = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with here:
        here.bind("socket")
        for name in ("pipe", "folder", "socket", "/dev/zero"):
            with pytest.raises(OSError):
                read_regular(tmp_path / name, 1000)


def test_links_stay_inside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "data").write_bytes(b"data")
    (folder / "inside").symlink_to("data")
    (folder / "outside").symlink_to("../secret")
    (folder / "through").symlink_to("outside")
    (folder / "circle").symlink_to("circle")
    assert read_regular(folder / "inside", 100) == b"data"
    with pytest.raises(OSError, match="leads elsewhere"):
        read_regular(folder / "inside", 100, links=False)
    for name in ("outside", "through"):
        with pytest.raises(OSError, match="leads elsewhere"):
            read_regular(folder / name, 100)
    with pytest.raises(OSError):
        read_regular(folder / "circle", 100)


def test_a_folder_that_is_a_link_itself(tmp_path: Path) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "data").write_bytes(b"data")
    (tmp_path / "current").symlink_to("v1")
    assert read_regular(tmp_path / "current" / "data", 100) == b"data"
