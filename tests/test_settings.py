"""The table of environment variables: defaults, parsing, and errors that name the variable."""

import os
import sys
from pathlib import Path

import pytest

from gatewise import settings
from gatewise.errors import GatewiseError, InputError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in settings.TABLE:
        monkeypatch.delenv(row.name, raising=False)


@pytest.mark.parametrize("row", settings.TABLE, ids=lambda row: row.name)
def test_unset_and_empty_give_the_default(
    row: settings.Setting[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert row.get() == row.default
    monkeypatch.setenv(row.name, "  ")
    assert row.get() == row.default


@pytest.mark.parametrize(
    ("row", "text", "value"),
    [
        (settings.CACHE_DIR, "/a/b", Path("/a/b")),
        (settings.CACHE_DIR, "~/kernels", Path.home() / "kernels"),
        (settings.CACHE_SIZE, "1000", 1000),
        (settings.CACHE_SIZE, "256M", 256 << 20),
        (settings.CACHE_SIZE, "2gib", 2 << 30),
        (settings.CACHE_SIZE, "3KB", 3 << 10),
        (settings.CACHE_SIZE, "0", 0),
        (settings.NUM_THREADS, " 3 ", 3),
        (settings.OMP_NUM_THREADS, "4,2", 4),
        (settings.OMP_NUM_THREADS, "many", None),
        (settings.THREADING, "Pool", "pool"),
        (settings.CPU, "AVX2", "avx2"),
        (settings.RANK, "0", 0),
        (settings.WORLD_SIZE, "4", 4),
        (settings.LOCAL_WORLD_SIZE, "2", 2),
    ],
)
def test_text_is_parsed(
    row: settings.Setting[object], text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(row.name, text)
    assert row.get() == value


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (settings.CACHE_DIR, "relative/path"),
        (settings.CACHE_SIZE, "lots"),
        (settings.CACHE_SIZE, "-1"),
        (settings.CACHE_SIZE, "1KM"),
        (settings.CACHE_SIZE, "1.5G"),
        (settings.NUM_THREADS, "0"),
        (settings.NUM_THREADS, "-2"),
        (settings.NUM_THREADS, "two"),
        (settings.NUM_THREADS, "²"),
        (settings.THREADING, "fast"),
        (settings.RANK, "-1"),
        (settings.WORLD_SIZE, "0"),
    ],
)
def test_nonsense_is_refused_by_name(
    row: settings.Setting[object], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(row.name, text)
    with pytest.raises(InputError, match=row.name) as caught:
        row.get()
    assert isinstance(caught.value, GatewiseError) and text in str(caught.value)


def test_the_cache_folder_follows_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert settings.user_cache_folder() == tmp_path / "gatewise"
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert settings.user_cache_folder() == Path.home() / ".cache" / "gatewise"
    monkeypatch.setattr(settings.sys, "platform", "darwin")
    assert settings.user_cache_folder() == Path.home() / "Library" / "Caches" / "gatewise"
    monkeypatch.setattr(settings.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert settings.user_cache_folder() == tmp_path / "local" / "gatewise"


def test_a_user_without_a_home_has_no_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(settings.Path, "home", homeless)
    assert settings.user_cache_folder() is None


def test_the_page_names_every_variable() -> None:
    page = (Path(__file__).parents[1] / "docs" / "settings.md").read_text()
    named = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert named == [row.name for row in settings.TABLE]


def test_threads_that_wait_sleep_unless_the_user_wants_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ("GOMP_SPINCOUNT", "KMP_BLOCKTIME")
    for name in (*names, "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch", object())  # too late
        settings.sleep_while_waiting()
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    settings.sleep_while_waiting()
    assert not any(name in os.environ for name in names)
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("KMP_BLOCKTIME", "7")
    settings.sleep_while_waiting()
    assert os.environ["KMP_BLOCKTIME"] == "7" and int(os.environ["GOMP_SPINCOUNT"]) < 100_000
    monkeypatch.delenv("GOMP_SPINCOUNT")
