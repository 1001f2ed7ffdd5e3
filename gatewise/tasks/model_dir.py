"""The folder of a saved model: at any moment it holds one whole model, the old one or the new one.

A save writes all files into a hidden folder inside the model's, then renames that folder to
``.written``: this one step is the change. The files are then moved to their places, and ``.written``
is removed. Readers look into ``.written`` first, so a save that was killed has either happened or not.
The next save finishes the moves and removes the leftovers of killed processes.

The folder may be a link or a mount, or lie where nothing else can be written. See docs/reliability.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from gatewise.errors import InputError
from gatewise.files import read_regular

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
REPORT, METRICS, RUN = "report.html", "metrics.jsonl", "run"
# the state of the training of a policy, from which it resumes
TRAINING = "training.safetensors"
FILES = (WEIGHTS, TRAINING, CARD, METRICS, REPORT, CONFIG)
MOST = {WEIGHTS: 8 << 30, TRAINING: 24 << 30, CONFIG: 256 << 20} | {
    REPORT: 256 << 20,
    METRICS: 256 << 20,
    CARD: 16 << 20,
}
WRITING, WRITTEN = ".writing-", ".written"
# attempts to read a model that is saved again and again meanwhile
ATTEMPTS = 100


def read(folder: Path) -> tuple[bytes, bytes, str]:
    """Configuration, weights and the SHA-256 of the weights, of one and the same save.

    Raises InputError if a file is missing, too large, no regular file, or leads out of the folder.
    """
    config = _read(folder, CONFIG)
    for _ in range(ATTEMPTS):
        weights = _read(folder, WEIGHTS)
        digest = hashlib.sha256(weights).hexdigest()
        before, config = config, _read(folder, CONFIG)
        if config == before:
            return config, weights, digest
    raise InputError(f"{folder} is being overwritten continuously: read a copy of it")


def kind_of(folder: Path) -> str | None:
    """The kind that a saved model states; None if its configuration cannot be parsed.

    Raises InputError if the configuration is missing, too large, no regular file, or leads out of the
    folder.
    """
    try:
        config = json.loads(_read(folder, CONFIG))
    except (ValueError, RecursionError):
        return None
    kind = config.get("kind") if isinstance(config, dict) else None
    return kind if isinstance(kind, str) else None


def read_extra(folder: Path, name: str) -> bytes | None:
    """An extra file of the model, such as its report; None if it has none. Raises InputError as ``read`` does."""
    path = folder / name
    return _read(folder, name) if os.path.lexists(path) or _written(folder) else None


def _read(folder: Path, name: str) -> bytes:
    try:
        if _written(folder):
            with contextlib.suppress(FileNotFoundError):
                return read_regular(folder / WRITTEN / name, MOST[name])
        return read_regular(folder / name, MOST[name])
    except OSError as error:
        raise InputError(f"{folder} is not a saved model: {name}: {error.strerror}") from None
    except ValueError as error:  # a path that no file can have
        raise InputError(f"{str(folder)!r:.80} is not a saved model: {error}") from None


def _written(folder: Path) -> bool:
    """Whether a save has been committed whose files are not all in their places yet."""
    path = folder / WRITTEN
    return path.is_dir() and not path.is_symlink()


def check_free(folder: Path, force: bool, resume: bool = False) -> None:
    """Raises InputError if a model may not be written there, or if there is a run and no ``resume``."""
    try:
        names = _names(folder)
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot write a model to {str(folder)!r:.200}: {_reason(error)}"
        ) from None
    if not names <= {*FILES, RUN, WRITTEN}:
        raise InputError(f"{folder} exists and is not just a model: choose another folder")
    if RUN in names and not (force or resume):
        raise InputError(
            f"{folder} holds an interrupted fit: resume it with --resume, or start over with "
            "--force"
        )
    if names - {RUN} and not force:
        raise InputError(
            f"{folder} already exists: choose another folder, or overwrite it with --force"
        )


def _names(folder: Path) -> set[str]:
    """The names in the folder, except leftovers of killed saves; {""} if it is not a folder."""
    if not folder.is_dir():
        return {""} if folder.exists() else set()
    return {path.name for path in folder.iterdir() if not path.name.startswith(WRITING)}


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make these files the model in the folder, and remove a run that is there.

    Raises InputError if it cannot be written; the old model is then intact.
    """
    try:
        # a link is followed: its target is written
        place = Path(os.path.realpath(folder))
        fresh = not place.exists()
        place.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(place):
                _settle(place)
                _remove_leftovers(place)
                _commit(place, files)
                _settle(place)
                shutil.rmtree(place / RUN, ignore_errors=True)
        except BaseException:
            if fresh:
                with contextlib.suppress(OSError):
                    place.rmdir()  # it is empty, or there is something to keep
            raise
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot write the model to {str(folder)!r:.200}: {_reason(error)}"
        ) from None


def _commit(place: Path, files: Mapping[str, bytes]) -> None:
    """Write all files beside the old ones, then make them the model in one step."""
    new = Path(tempfile.mkdtemp(prefix=WRITING, dir=place))
    try:
        for name, data in files.items():
            write_synced(new / name, data)
        new.chmod(0o755)
        sync_folder(new)
        new.rename(place / WRITTEN)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    sync_folder(place)


def _settle(place: Path) -> None:
    """Move the files of a committed save to their places, and remove files that it does not have.

    It may be interrupted anywhere and started again: the weights move first, and until they have moved,
    the folder of the save still lists all of its files. The configuration moves last.
    """
    written = place / WRITTEN
    if not _written(place):
        return
    if (written / WEIGHTS).exists():
        for name in FILES:
            if not (written / name).exists():
                (place / name).unlink(missing_ok=True)
    for name in FILES:
        with contextlib.suppress(FileNotFoundError):
            os.replace(written / name, place / name)
    sync_folder(place)
    written.rmdir()


def _remove_leftovers(place: Path) -> None:
    """Remove leftovers of killed saves; as the lock is held, none of those is still running."""
    for path in place.iterdir():
        if path.name.startswith(WRITING) and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Lock the folder against other saves, where the system and the disk support that."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # the lock goes with it


def write_synced(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk. Raises OSError if it exists."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system can do that."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network disks cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
