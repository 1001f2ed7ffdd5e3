"""The cache where its folder cannot be used, or holds what is no kernel: one warning, and the right bytes."""

import errno
import hashlib
import logging
import os
import shutil
from pathlib import Path

import pytest

from gatewise.backends.llvm.machine import kernel_folder as module
from gatewise.backends.llvm.machine.cache import Cache
from tests.backends.llvm.machine.cache_support import LIMIT, POSIX, A, B, files, fresh, never
from tests.backends.llvm.machine.cache_support import folder as folder
from tests.backends.llvm.machine.cache_support import open_folder as open_folder

# --- folders that cannot be used ------------------------------------------------------------------


def works_without_disk(cache: Cache, caplog: pytest.LogCaptureFixture) -> str:
    """Use a cache whose folder is no good; return its only warning."""
    with caplog.at_level(logging.WARNING):
        assert cache.get(A, lambda: b"one") == b"one"
        assert cache.get(B, lambda: b"two") == b"two"
        assert cache.get(A, never) == b"one"
        cache.info()
        cache.clear()
        assert cache.get(A, lambda: b"three") == b"three"
    (record,) = caplog.records
    assert record.name == module.__name__
    return record.getMessage()


@POSIX
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_folder_that_others_can_write_is_not_used(
    folder: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert "others can write" in works_without_disk(fresh(folder), caplog)
    assert files(folder) == []


@POSIX
def test_a_folder_of_somebody_else_is_not_used(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(parents=True, mode=0o700)
    me = folder.stat().st_uid
    if me == 0:
        os.chown(folder, 12345, -1)
    else:
        monkeypatch.setattr(module.os, "geteuid", lambda: me + 1)
    assert "does not belong" in works_without_disk(fresh(folder), caplog)
    assert files(folder) == []


@POSIX
def test_a_file_that_others_can_write_is_not_used(folder: Path) -> None:
    fresh(folder).get(A, lambda: b"mine")
    files(folder)[0].chmod(0o666)
    assert fresh(folder).get(A, lambda: b"made anew") == b"made anew"
    assert fresh(folder).get(A, never) == b"made anew"  # the new file took the place of the other


def test_a_folder_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    message = works_without_disk(fresh(tmp_path / "file" / "kernels"), caplog)
    assert str(tmp_path) in message


@POSIX
def test_a_read_only_folder_is_still_read(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(folder).get(A, lambda: b"was there")
    if os.geteuid() == 0:  # to root no folder is read-only

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(module.tempfile, "mkstemp", refuse)
    folder.chmod(0o500)
    cache = fresh(folder)
    try:
        assert cache.get(A, never) == b"was there"
        for k in (B, B[::-1]):
            assert cache.get(k, lambda: b"new") == b"new"
    finally:
        folder.chmod(0o700)
    assert ["no longer kept" in record.getMessage() for record in caplog.records] == [True]
    assert len(files(folder)) == 1


def test_a_full_disk(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "replace", full)
    assert "No space left" in works_without_disk(fresh(folder), caplog)
    assert files(folder) == []  # no half-written file stays


FAULTS = [
    errno.EACCES,
    errno.EPERM,
    errno.ENOSPC,
    errno.EROFS,
    errno.ENAMETOOLONG,
    errno.EIO,
    errno.ELOOP,
    errno.ENOTDIR,
    errno.EMFILE,
    errno.EDQUOT,
]


@pytest.mark.parametrize("fault", FAULTS, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    "where", ["stat", "lstat", "mkdir", "replace", "scandir", "open", "unlink"]
)
def test_whatever_the_system_refuses_costs_one_warning(
    folder: Path,
    where: str,
    fault: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = getattr(os, where)

    def refuse(path: object, *rest: object, **more: object) -> object:
        if str(folder.parent) in str(path):
            raise OSError(fault, os.strerror(fault), str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, where, refuse)
    cache = fresh(folder)
    for data in (b"one", b"two"):
        assert cache.get(A, lambda data=data: data) == b"one"  # the second from memory
        assert cache.get(B, lambda data=data: data) == b"one"
    assert cache.info().compiled == 2
    cache.clear()
    assert len(caplog.records) <= 1
    # nothing else can go unnoticed: what is kept is only looked for, and removed, now and then
    assert caplog.records or where in ("scandir", "unlink")


def in_the_way(kind: str, folder: Path) -> Path:
    """Something at the place of the folder that is none, or that nobody can go through."""
    folder.parent.mkdir(exist_ok=True)
    if kind == "file":
        folder.write_text("in the way")
    elif kind == "pipe":
        os.mkfifo(folder)
    elif kind == "dangling link":
        folder.symlink_to(folder.parent / "nowhere")
    elif kind == "circle":
        folder.symlink_to(folder)
    elif kind == "long name":
        return folder / ("x" * 300)
    elif kind == "long path":
        return folder.joinpath(*["x" * 200] * 40)
    else:
        return folder / "a\0b"
    return folder


@POSIX
@pytest.mark.parametrize(
    "kind", ["file", "pipe", "dangling link", "circle", "long name", "long path", "nul"]
)
def test_what_is_no_folder_costs_one_warning(
    folder: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = fresh(in_the_way(kind, folder))
    assert "GATEWISE_CACHE_DIR" in works_without_disk(cache, caplog)
    assert cache.info().problem


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="takes root's rights")
@pytest.mark.parametrize(("owner", "mode"), [(0, 0o700), (0, 0o600), (12345, 0o000)])
@pytest.mark.parametrize("above", [False, True], ids=["folder", "parent"])
def test_the_folder_of_another_user(open_folder: Path, owner: int, mode: int, above: bool) -> None:
    """Made by root (one ``sudo``) and then used by somebody, who may not enter it or what it is in."""
    closed = open_folder / "closed"
    closed.mkdir()
    os.chown(closed, owner, -1)
    closed.chmod(mode)
    child = os.fork()
    if child == 0:  # nothing of pytest may run here
        code = 1
        try:
            os.setgid(12345)
            os.setuid(12345)
            records: list[str] = []
            module._LOG.warning = lambda *said: records.append(said[0])  # type: ignore[method-assign]
            cache = fresh(closed / "kernels" if above else closed)
            used = [cache.get(k, lambda: b"made") for k in (A, B, A)]
            cache.info(), cache.clear()
            code = 0 if used == [b"made"] * 3 and len(records) == 1 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@POSIX
def test_a_link_to_a_private_folder_will_do(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    assert fresh(folder).get(A, lambda: b"kept") == b"kept"
    assert fresh(folder).get(A, never) == b"kept"
    (tmp_path / "elsewhere").chmod(0o777)
    assert fresh(folder).get(A, lambda: b"anew") == b"anew"


@POSIX
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="takes root's rights")
def test_a_link_of_somebody_else_is_not_followed(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "mine").mkdir(mode=0o700)
    folder.parent.mkdir()
    folder.symlink_to(tmp_path / "mine")
    os.chown(folder, 12345, -1, follow_symlinks=False)
    assert "does not belong" in works_without_disk(fresh(folder), caplog)
    assert files(tmp_path / "mine") == []


# --- what is no kernel ----------------------------------------------------------------------------


@POSIX
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder", "endless"])
def test_what_stands_in_the_place_of_a_kernel(folder: Path, kind: str, tmp_path: Path) -> None:
    fresh(folder).get(A, lambda: b"kernel")
    (file,) = files(folder)
    sound = file.read_bytes()
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)  # would wait for a writer for ever
    elif kind == "device":
        file.symlink_to("/dev/zero")  # would fill the memory
    elif kind == "link":
        (tmp_path / "sound").write_bytes(sound)
        file.symlink_to(tmp_path / "sound")
    elif kind == "folder":
        file.mkdir()
    else:
        with open(file, "wb") as sparse:
            sparse.truncate(1 << 40)
    cache = fresh(folder)
    assert cache.get(A, lambda: b"made anew") == b"made anew"
    assert cache.info().folder == folder
    if kind != "folder":  # which is left where it is
        assert fresh(folder).get(A, never) == b"made anew"


def test_a_folder_removed_meanwhile_is_made_again(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = fresh(folder)
    cache.get(A, lambda: b"one")
    shutil.rmtree(folder.parent)
    keys = [hashlib.sha256(bytes([i])).hexdigest() for i in range(3)]
    assert [cache.get(k, lambda: b"two") for k in keys] == [b"two"] * 3
    assert fresh(folder).get(keys[-1], never) == b"two" and not caplog.records


def test_no_folder_and_no_size(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for cache in (Cache(None, LIMIT), Cache(folder, 0)):
        assert cache.get(A, lambda: b"one") == b"one" == cache.get(A, never)
        assert cache.info().folder is None and cache.info().problem and cache.clear() == 0
    assert not folder.exists() and not caplog.records
