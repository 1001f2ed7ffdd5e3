"""Folders of recordings or texts, and what their names say: the label, and who stays together.

A folder for each label::

    yes/ann_1.wav  yes/bob_1.wav  no/ann_1.wav

or a pattern for the names of the files, ``{label}_{group}_{}`` for ``yes_ann_1.wav``. Texts are a file for each
sequence in a folder for each label, or a file for each label with a sequence on each line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gatewise.errors import InputError
from gatewise.tasks.audio.recordings import is_sound
from gatewise.tasks.data.encodings import in_utf8
from gatewise.tasks.data.sources import Source as File
from gatewise.tasks.data.sources import size_of

TEXT = ".txt"
FIELDS = ("label", "group")
SHOWN = 3  # files that a message names


@dataclass(frozen=True)
class Files:
    """N files of one kind.

    Attributes:
        paths: of the files, in order.
        names: relative to the folder.
        labels, groups: [N] each; None where neither folders nor a pattern say any.
        sounds: whether they are sounds; else texts.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    sounds: bool


def find_files(folder: Path, pattern: str | None) -> Files:
    """The recordings or texts of a folder and of the folders in it.

    Args:
        folder: hidden files, and files that are neither, do not count.
        pattern: of their names without the ending; ``{label}`` and ``{group}`` stand for what they say,
            ``{}`` for anything else. None: the first folder below ``folder`` is the label.

    Raises InputError where there are none or both, and for a name that does not fit the pattern.
    """
    try:
        inside = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}") from None
    seen = [p for p in inside if not any(x.startswith(".") for x in p.relative_to(folder).parts)]
    sounds = [path for path in seen if is_sound(path)]
    texts = [path for path in seen if path.suffix.lower() == TEXT]
    if sounds and pattern is None and all(p.parent == folder for p in texts):
        texts = []  # a licence or a list beside the folders of recordings
    if not sounds and not texts:
        raise InputError(
            f"{folder} holds no recordings (.wav, .flac, .ogg, .mp3) and no .txt files"
        )
    if sounds and texts:
        raise InputError(
            f"{folder} holds {len(sounds)} recordings and {len(texts)} texts, such as {texts[0]}: they need "
            "folders of their own"
        )
    paths = sounds or texts
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    labels, groups = _from_folders(names) if pattern is None else _from_names(paths, pattern)
    return Files(tuple(paths), names, labels, groups, bool(sounds))


def read_text(path: Path) -> str:
    """The text of a file, in UTF-8 or what it is recognised as. Raises InputError."""
    size_of(path)
    file = in_utf8(File("text", path, str(path)), None)  # it may hold a temporary file
    return file.path.read_text(encoding="utf-8-sig")


def read_lines(path: Path) -> list[str]:
    """Its lines that are not empty, without spaces around them."""
    return [line for line in map(str.strip, read_text(path).splitlines()) if line]


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of names as a regular expression. Raises InputError for other fields, or one twice."""
    parts = re.split(r"\{([^{}]*)\}", pattern)
    fields = [name for name in parts[1::2] if name]
    other = [name for name in fields if name not in FIELDS]
    if (
        other
        or len(set(fields)) < len(fields)
        or not fields
        or re.search("[{}]", "".join(parts[::2]))
    ):
        raise InputError(
            f"pattern {pattern!r}: it needs {{label}} or {{group}}, each once, and {{}} for what does not count"
        )
    out = [re.escape(parts[0])]
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        out.append(f"(?P<{name}>.+?)" if name else ".*?")
        out.append(re.escape(text))
    return re.compile("".join(out))


def _from_folders(names: Sequence[str]) -> tuple[tuple[str, ...] | None, None]:
    """The first folder of each name; None where files lie beside the folders, or there is one folder only."""
    tops = tuple(name.split("/")[0] if "/" in name else "" for name in names)
    return (None if "" in tops or len(set(tops)) < 2 else tops), None


def _from_names(
    paths: Sequence[Path], pattern: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    expression = compiled(pattern)
    matches = [(path, expression.fullmatch(path.stem)) for path in paths]
    wrong = [path.name for path, match in matches if match is None]
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise InputError(
            f"the names {', '.join(wrong[:SHOWN])}{more} do not fit the pattern {pattern!r}: rename these "
            "files, or change the pattern"
        )
    said = {
        field: tuple(str(match[field]) for _, match in matches if match is not None)
        if f"{{{field}}}" in pattern
        else None
        for field in FIELDS
    }
    return said["label"], said["group"]
