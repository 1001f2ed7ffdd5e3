"""Folders of recordings and texts: what their names say, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatewise.errors import InputError
from gatewise.tasks.sequences.folders import compiled, find_files, read_lines, read_text


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("a line\n\n another \n")
    return folder


def test_a_folder_for_each_label(tmp_path: Path) -> None:
    made(tmp_path, "yes/a.wav", "yes/deep/b.wav", "no/a.FLAC", "no/.hidden.wav", "readme.txt")
    files = find_files(tmp_path, None)
    assert files.kind == "sound" and files.names == ("no/a.FLAC", "yes/a.wav", "yes/deep/b.wav")
    assert files.labels == ("no", "yes", "yes") and files.groups is None


def test_names_by_a_pattern(tmp_path: Path) -> None:
    made(tmp_path, "yes_ann_1.wav", "no_bob_b_2.wav")
    files = find_files(tmp_path, "{label}_{group}_{}")
    assert files.labels == ("no", "yes") and files.groups == ("bob", "ann")
    with pytest.raises(InputError, match=r"yes_ann_1\.wav do not fit"):
        find_files(tmp_path, "{label}_{group}_{}_{}")


def test_folders_by_a_pattern(tmp_path: Path) -> None:
    made(tmp_path, "ann/yes/a_1.wav", "bob/no/b.2.wav")
    files = find_files(tmp_path, "{group}/{label}/{}")
    assert files.groups == ("ann", "bob") and files.labels == ("yes", "no")
    assert find_files(tmp_path, "{label}/{}/{}").labels == ("ann", "bob")
    with pytest.raises(InputError, match=r"ann/yes/a_1\.wav and 0 more|ann/yes/a_1\.wav, bob"):
        find_files(tmp_path, "{label}/{}")


def test_sounds_that_are_not_read_are_named(tmp_path: Path) -> None:
    made(tmp_path, "a/x.wav", "b/y.wav", "b/y.M4A")
    assert find_files(tmp_path, None).notes == (
        "sound    1 file left out, such as b/y.M4A: save them as WAV or FLAC",
    )


def test_names_without_a_label(tmp_path: Path) -> None:
    made(tmp_path, "english.txt", "czech.txt")
    files = find_files(tmp_path, None)
    assert files.kind == "text" and files.labels is None
    assert read_lines(files.paths[0]) == ["a line", "another"]


@pytest.mark.parametrize("pattern", ["{speaker}", "{label}_{label}", "{}_{}", "plain", "{label"])
def test_patterns_that_say_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="pattern"):
        compiled(pattern)


def test_empty_and_mixed_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recordings"):
        find_files(tmp_path, None)
    made(tmp_path, "a/x.wav", "b/y.txt")
    with pytest.raises(InputError, match="1 recording and 1 text"):
        find_files(tmp_path, None)


def test_texts_of_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("crème".encode("windows-1252"))
    assert read_text(path) == "crème"
    path.write_bytes("\ufeffcrème".encode())
    assert read_text(path) == "crème"
