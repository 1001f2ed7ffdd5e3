"""Folders of recordings, WFDB records or texts, and what their names say: the label, and who stays together.

A folder for each label::

    yes/ann_1.wav  yes/bob_1.wav  no/ann_1.wav

or a pattern for the names of the files, ``{label}_{group}_{}`` for ``yes_ann_1.wav``; with folders in it, as in
``{group}/{label}/{}`` for ``ann/yes/1.wav``, it is one of paths. Texts are a file for each
sequence in a folder for each label, or a file for each label with a sequence on each line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gatewise.errors import InputError, some_of
from gatewise.tasks.audio.recordings import is_sound
from gatewise.tasks.data.encodings import in_utf8
from gatewise.tasks.data.sources import Source as File
from gatewise.tasks.data.sources import size_of
from gatewise.tasks.sequences.wfdb_records import HEADER, is_record, without_segments

TEXT = ".txt"
Kind = Literal["sound", "record", "text"]
CALLED: dict[Kind, str] = {"sound": "recordings", "record": "WFDB records", "text": "texts"}
FIELDS = ("label", "group")
SHOWN = 3  # files that a message names
# sounds in formats that are not read
UNREAD = tuple(
    [
        ".m4a",
        ".aac",
        ".mp4",
        ".wma",
        ".opus",
        ".webm",
        ".amr",
        ".3gp",
        ".aif",
        ".aiff",
        ".caf",
        ".mov",
    ]
)


@dataclass(frozen=True)
class Files:
    """N files of one kind.

    Attributes:
        paths: of the files, in order.
        names: relative to the folder.
        labels, groups: [N] each; None where neither folders nor a pattern say any.
        kind: what they are.
        notes: what was left out, for people.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    labels: tuple[str, ...] | None
    groups: tuple[str, ...] | None
    kind: Kind
    notes: tuple[str, ...] = ()


def find_files(folder: Path, pattern: str | None, texts: bool = True) -> Files:
    """The recordings, WFDB records or texts of a folder and of the folders in it.

    Args:
        folder: hidden files, and files of other kinds, do not count.
        pattern: of their names without the ending; ``{label}`` and ``{group}`` stand for what they say,
            ``{}`` for anything else; one with a ``/`` is a pattern of paths below the folder. None: the first folder below ``folder`` is the label.
        texts: whether texts count.

    Raises InputError where there are none or several kinds, and for a name that does not fit the pattern.
    """
    try:
        inside = sorted(path for path in folder.rglob("*") if path.is_file())
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}") from None
    seen = [p for p in inside if not any(x.startswith(".") for x in p.relative_to(folder).parts)]
    of_kind: dict[Kind, list[Path]] = {
        "sound": [path for path in seen if is_sound(path)],
        "record": without_segments([path for path in seen if path.suffix == HEADER]),
        "text": [path for path in seen if texts and path.suffix.lower() == TEXT],
    }
    signals = of_kind["sound"] or of_kind["record"]
    if signals and pattern is None and all(p.parent == folder for p in of_kind["text"]):
        of_kind["text"] = []  # a licence or a list beside the folders of recordings
    kinds = [kind for kind, paths in of_kind.items() if paths]
    if not kinds:
        raise InputError(
            f"{folder} holds no recordings (.wav, .flac, .ogg, .mp3), no WFDB records (.hea)"
            + (" and no .txt files" if texts else "")
        )
    if len(kinds) > 1:
        counts = " and ".join(_counted(len(of_kind[kind]), CALLED[kind]) for kind in kinds)
        raise InputError(
            f"{folder} holds {counts}, such as {of_kind[kinds[1]][0]}: they need folders of their own"
        )
    paths = of_kind[kinds[0]]
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    labels, groups = _from_folders(names) if pattern is None else _from_names(names, pattern)
    unread = [path for path in seen if path.suffix.lower() in UNREAD]
    notes: tuple[str, ...] = ()
    if unread:
        such = unread[0].relative_to(folder).as_posix()
        count = _counted(len(unread), "files")
        notes = (f"sound    {count} left out, such as {such}: save them as WAV or FLAC",)
    return Files(tuple(paths), names, labels, groups, kinds[0], notes)


def _counted(count: int, what: str) -> str:
    """``3 texts``, ``1 text``."""
    return f"{count} {what if count > 1 else what.removesuffix('s')}"


def listed_files(paths: Sequence[Path]) -> Files:
    """Files that are named one by one. Raises InputError where they are of several kinds."""
    kinds = {_kind_of(path) for path in paths}
    if len(kinds) != 1:
        raise InputError(
            "a list of files holds recordings, WFDB records or texts, not several of them, and at least one"
        )
    return Files(tuple(paths), tuple(map(str, paths)), None, None, kinds.pop())


def signal_files(X: Any, pattern: str | None) -> Files | None:
    """The sounds or WFDB records that ``X`` names: a folder, a file, or a list of files; None if it names none.

    Raises InputError for a folder without any, and for a list of several kinds.
    """
    if isinstance(X, str | Path):
        path = Path(X)
        if path.is_dir():
            return find_files(path, pattern, texts=False)
        return listed_files([path]) if _kind_of(path) != "text" else None
    if not isinstance(X, list | tuple) or not X or not isinstance(X[0], str | Path):
        return None
    paths = [Path(part) for part in X if isinstance(part, str | Path)]
    if len(paths) < len(X) or _kind_of(paths[0]) == "text":
        return None
    return listed_files(paths)


def _kind_of(path: Path) -> Kind:
    if is_sound(path):
        return "sound"
    return "record" if is_record(path) else "text"


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
    expression = [re.escape(parts[0])]
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        expression.append(f"(?P<{name}>[^/]+?)" if name else "[^/]*?")
        expression.append(re.escape(text))
    return re.compile("".join(expression))


def _from_folders(names: Sequence[str]) -> tuple[tuple[str, ...] | None, None]:
    """The first folder of each name; None where files lie beside the folders, or there is one folder only."""
    tops = tuple(name.split("/")[0] if "/" in name else "" for name in names)
    return (None if "" in tops or len(set(tops)) < 2 else tops), None


def _from_names(
    names: Sequence[str], pattern: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    expression = compiled(pattern)
    parts = [name if "/" in pattern else name.split("/")[-1] for name in names]
    matches = [(part, expression.fullmatch(part[: part.rfind(".")])) for part in parts]
    wrong = [part for part, match in matches if match is None]
    if wrong:
        raise InputError(
            f"the names {some_of(wrong, SHOWN)} do not fit the pattern {pattern!r}: rename these "
            "files, or change the pattern"
        )
    said = {
        field: tuple(str(match[field]) for _, match in matches if match is not None)
        if f"{{{field}}}" in pattern
        else None
        for field in FIELDS
    }
    return said["label"], said["group"]
