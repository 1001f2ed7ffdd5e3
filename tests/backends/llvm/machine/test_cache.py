"""The cache of compiled objects: the right bytes, whatever happened to the files."""

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gatewise import settings
from gatewise.backends.llvm.machine import cache as module
from gatewise.backends.llvm.machine import cache_key, kernel_folder
from gatewise.backends.llvm.machine.cache import key
from gatewise.backends.llvm.machine.target import Target
from tests.backends.llvm.machine.cache_support import POSIX, A, B, files, fresh, never
from tests.backends.llvm.machine.cache_support import folder as folder
from tests.backends.llvm.machine.cache_support import open_folder as open_folder

# --- keys -----------------------------------------------------------------------------------------


def test_a_key_holds_everything_that_decides_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target.named("aarch64")
    first = key("text", target)
    assert first == key("text", replace(target))
    others = [key("Text", target), key("text", replace(target, cpu="apple-m1")), key("", target)]
    for name, value in [
        ("gatewise.backends.llvm.machine.cache_key.__version__", "0.0.0"),
        ("gatewise.backends.llvm.machine.cache_key._source", lambda: "edited"),
        ("llvmlite.__version__", "0.0.0"),
        ("llvmlite.binding.llvm_version_info", (1, 0, 0)),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(name, value)
            cache_key._versions.cache_clear()
            others.append(key("text", target))
    cache_key._versions.cache_clear()
    assert len({first, *others}) == 8 and first == key("text", target)


def test_only_keys_are_accepted(folder: Path) -> None:
    for name in ("../../etc/passwd", "", A.upper(), A + "\n"):
        with pytest.raises(ValueError, match="not a key"):
            fresh(folder).get(name, never)


# --- memory and disk ------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"object", os.urandom(100_000)], ids=len)
def test_an_object_is_made_once(folder: Path, data: bytes) -> None:
    cache = fresh(folder)
    assert cache.get(A, lambda: data) == data
    assert cache.get(A, never) == data  # memory
    again = fresh(folder)
    assert again.get(A, never) == data  # disk
    assert (again.info().hits_disk, again.info().compiled) == (1, 0)
    info = cache.info()
    assert (info.compiled, info.hits_memory, info.files) == (1, 1, 1)
    assert info.bytes == files(folder)[0].stat().st_size and info.folder == folder


@POSIX
def test_folder_and_files_are_private(folder: Path) -> None:
    before = os.umask(0)  # a careless user
    try:
        fresh(folder).get(A, lambda: b"object")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [f.stat().st_mode & 0o777 for f in files(folder)] == [0o600]


def test_what_make_raises_is_passed_on_and_nothing_is_kept(folder: Path) -> None:
    cache = fresh(folder)
    with pytest.raises(ZeroDivisionError):
        cache.get(A, lambda: bytes([1 // 0]))
    assert files(folder) == []
    assert cache.get(A, lambda: b"fine") == b"fine"


def test_memory_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MEMORY", 1000)
    cache = fresh(folder)
    keys = [hashlib.sha256(bytes([i])).hexdigest() for i in range(20)]
    for k in keys:
        cache.get(k, lambda: bytes(300))
    assert cache.info().memory_bytes <= 1000 and cache.info().memory_objects == 3
    assert cache.get(keys[0], never) == bytes(300)  # from disk


# --- damage ---------------------------------------------------------------------------------------


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flip(data: bytes) -> bytes:
    rng = random.Random(len(data))
    spot = rng.randrange(len(data))
    return data[:spot] + bytes([data[spot] ^ 1 << rng.randrange(8)]) + data[spot + 1 :]


DAMAGE: list[Callable[[bytes], bytes]] = [
    _cut,
    _flip,
    lambda data: b"",
    lambda data: data[:-1],
    lambda data: data + b"\0",
    lambda data: data.replace(b"kernel 1", b"kernel 2"),
    lambda data: bytes(len(data)),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_deleted_and_compiled_anew(
    folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    fresh(folder).get(A, lambda: b"the right bytes" * 50)
    (file,) = files(folder)
    sound = file.read_bytes()
    file.write_bytes(damage(sound))
    cache = fresh(folder)
    seen = []
    assert cache.get(A, lambda: seen.append(file.exists()) or b"made anew") == b"made anew"
    assert seen == [False]
    assert fresh(folder).get(A, never) == b"made anew"


def test_every_single_bit_is_covered(folder: Path) -> None:
    fresh(folder).get(A, lambda: b"object")
    (file,) = files(folder)
    sound = file.read_bytes()
    for bit in range(8 * len(sound)):
        damaged = bytearray(sound)
        damaged[bit // 8] ^= 1 << bit % 8
        file.write_bytes(damaged)
        assert fresh(folder).get(A, lambda: b"anew") == b"anew"


def test_a_file_under_another_name_is_not_taken(folder: Path) -> None:
    fresh(folder).get(A, lambda: b"kernel of a")
    (file,) = files(folder)
    file.rename(file.with_name(file.name.replace(A, B)))
    assert fresh(folder).get(B, lambda: b"kernel of b") == b"kernel of b"


# --- size -----------------------------------------------------------------------------------------


def test_the_least_recently_used_files_are_removed(folder: Path) -> None:
    size = len(kernel_folder._header(A, b"")) + 1000
    cache = fresh(folder, limit=5 * size)
    keys = [hashlib.sha256(bytes([i])).hexdigest() for i in range(8)]
    for age, k in enumerate(keys[:5]):
        cache.get(k, lambda: bytes(1000))
        long_ago = time.time() - 1000 + age
        os.utime(folder / f"{k}.kernel", (long_ago, long_ago))
    fresh(folder).get(keys[0], never)  # used now: the oldest no more
    for k in keys[5:]:
        cache.get(k, lambda: bytes(1000))
    left = {f.name.split(".")[0] for f in files(folder)}
    assert left == {keys[0], keys[4], *keys[5:]}
    assert cache.info().bytes <= cache.limit


def test_what_is_larger_than_the_limit_is_not_written(folder: Path) -> None:
    cache = fresh(folder, limit=500)
    assert len(cache.get(A, lambda: bytes(1000))) == 1000
    assert files(folder) == []


def test_leftovers_of_dead_processes_are_removed(folder: Path) -> None:
    cache = fresh(folder)
    cache.get(A, lambda: b"object")
    old, new = folder / "dead.part", folder / "alive.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert cache.info().files == 1
    assert not old.exists() and new.exists()


def test_clear_removes_what_is_ours(folder: Path) -> None:
    cache = fresh(folder)
    for k in (A, B):
        cache.get(k, lambda: b"object")
    (folder / "letter.txt").write_text("not ours")
    assert cache.clear() == 2
    assert [f.name for f in files(folder)] == ["letter.txt"]
    assert cache.info().memory_objects == 0
    assert cache.get(A, lambda: b"again") == b"again"


# --- at the same time -----------------------------------------------------------------------------


def test_threads_that_ask_at_once_compile_once(folder: Path) -> None:
    compilers = []

    def make() -> bytes:
        compilers.append(threading.get_ident())
        time.sleep(0.05)
        return b"object"

    cache = fresh(folder)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: cache.get(A, make), range(16))) == {b"object"}
    assert len(compilers) == 1


STRESS = """
import hashlib, random, sys
from pathlib import Path
from gatewise.backends.llvm.machine.cache import Cache

seed = int(sys.argv[2])
rng = random.Random(seed)
folder = Path(sys.argv[1])
for round in range(300):
    cache = Cache(folder, 40_000)     # room for a quarter: files come and go all the time
    n = rng.randrange(40)
    key = hashlib.sha256(str(n).encode()).hexdigest()
    right = hashlib.sha256(key.encode()).digest() * 100
    assert cache.get(key, lambda: right) == right
    if rng.random() < 0.02:
        cache.clear()
    if rng.random() < 0.05:           # somebody damages a file
        for path in list(folder.glob("*.kernel"))[:1]:
            try:
                path.write_bytes(path.read_bytes()[:rng.randrange(2000)])
            except OSError:
                pass
"""


def test_processes_share_a_folder(folder: Path) -> None:
    command = [sys.executable, "-c", STRESS, str(folder)]
    crew = [
        subprocess.Popen([*command, str(seed)], stderr=subprocess.PIPE, text=True)
        for seed in range(4)
    ]
    errors = [process.communicate(timeout=120)[1] for process in crew]
    assert [process.returncode for process in crew] == [0] * 4, "\n".join(errors)
    assert not [f for f in files(folder) if f.suffix == ".part"]


FORK = """
import os, signal, sys, threading, time
from pathlib import Path
from gatewise.backends.llvm.machine.cache import Cache

cache = Cache(Path(sys.argv[1]), 1 << 20)
key = "ab" * 32
started = threading.Event()
def slow():
    started.set()
    time.sleep(1)
    return b"object"
thread = threading.Thread(target=cache.get, args=(key, slow))
thread.start()
started.wait()
child = os.fork()                  # while another thread holds the lock of this key
if not child:
    signal.alarm(20)
    os._exit(len(cache.get(key, lambda: b"child")))
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
thread.join()
assert cache.get(key, None) == b"object"
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_wait_for_threads_it_has_not(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# --- the cache of the process ---------------------------------------------------------------------


def test_the_default_cache_follows_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.CACHE_DIR.name, str(tmp_path / "mine"))
    monkeypatch.setenv(settings.CACHE_SIZE.name, "1M")
    cache = module.default()
    assert (cache.folder, cache.limit) == (tmp_path / "mine" / "kernels", 1 << 20)
    assert module.default() is cache
    monkeypatch.setenv(settings.CACHE_SIZE.name, "0")
    assert module.default().folder is None


def test_a_user_without_a_home_gets_one_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(settings.CACHE_DIR.name, raising=False)
    monkeypatch.setattr(settings, "user_cache_folder", lambda: None)
    module._cache_at.cache_clear()
    try:
        for _ in range(2):
            assert module.default().get(A, lambda: b"object") == b"object"
    finally:
        module._cache_at.cache_clear()
    assert [settings.CACHE_DIR.name in record.getMessage() for record in caplog.records] == [True]
