"""How many cores there are: the least of what the machine, the mask and the control groups allow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gatewise.backends.llvm.machine import cores


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four cores of two hardware threads each, in no control group that limits them."""
    for processor in range(8):
        folder = tmp_path / f"cpu{processor}"
        folder.mkdir()
        (folder / "siblings").write_text(f"{processor % 4},{processor % 4 + 4}\n")
    monkeypatch.setattr(cores, "_TOPOLOGY", str(tmp_path / "cpu{}" / "siblings"))
    monkeypatch.setattr(cores, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(cores, "_OWN_GROUPS", tmp_path / "own")
    monkeypatch.setattr(cores, "_EVERY", 0.0)
    monkeypatch.setattr(cores, "_next_look", 0.0)
    allow(monkeypatch, range(8))
    cores._cores.cache_clear()
    return tmp_path


def allow(monkeypatch: pytest.MonkeyPatch, processors: range | set[int]) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(processors), raising=False)


def test_hardware_threads_of_a_core_count_once(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cores.available() == 4
    allow(monkeypatch, {0, 4})
    assert cores.available() == 1
    allow(monkeypatch, {0, 1, 5})
    assert cores.available() == 2
    monkeypatch.setattr(cores, "_TOPOLOGY", str(machine / "nowhere{}"))
    cores._cores.cache_clear()
    assert cores.available() == 3


@pytest.mark.parametrize(
    ("group", "where", "quota", "count"),
    (
        ("/", "", "max 100000", 4),
        ("/", "", "200000 100000", 2),
        ("/", "", "150000 100000", 2),
        ("/", "", "10000 100000", 1),
        ("/job/step", "job", "100000 100000", 1),
        ("/job/step", "job/step", "300000 100000", 3),
        ("/", "", "nonsense", 4),
        ("/", "", "1 0", 4),
    ),
)
def test_control_groups(machine: Path, group: str, where: str, quota: str, count: int) -> None:
    folder = machine / "groups" / where
    folder.mkdir(parents=True)
    (folder / "cpu.max").write_text(quota + "\n")
    (machine / "own").write_text(f"0::{group}\n")
    assert cores.available() == count


def test_control_groups_of_the_first_version(machine: Path) -> None:
    folder = machine / "groups" / "cpu,cpuacct" / "job"
    folder.mkdir(parents=True)
    (folder / "cpu.cfs_quota_us").write_text("200000\n")
    (folder / "cpu.cfs_period_us").write_text("100000\n")
    (machine / "own").write_text("4:memory:/job\n3:cpu,cpuacct:/job\n")
    assert cores.available() == 2
    (folder / "cpu.cfs_quota_us").write_text("-1\n")
    assert cores.available() == 4


def test_it_is_looked_up_once_a_second(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_EVERY", 1e9)
    assert cores.available() == 4
    allow(monkeypatch, {0})
    assert cores.available() == 4
    monkeypatch.setattr(cores, "_next_look", 0.0)
    assert cores.available() == 1
