"""Processes that begin with everything imported: forks of the one that runs the tests.

To start Python and to import PyTorch takes two seconds of a processor, each time.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
# what Python does not show by default
_SILENT = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


class Fork:
    """A process that runs ``action`` and ends with what it returns, 0 for None, 1 where it raises.

    What it writes goes to files in ``folder``. Used as a context it does not outlive its test.
    """

    def __init__(
        self,
        action: Callable[[], int | None],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.out, self.err = folder / "stdout.txt", folder / "stderr.txt"
        for path in (self.out, self.err):
            path.touch()
        self._status: int | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that other threads are running
            self.pid = os.fork()
        if self.pid == 0:
            self._run(action, environment or {})

    def _run(self, action: Callable[[], int | None], environment: Mapping[str, str]) -> None:
        """In the child."""
        code = 1
        try:
            for path, descriptor in ((self.out, 1), (self.err, 2)):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
            sys.stdout, sys.stderr = (
                io.TextIOWrapper(io.FileIO(descriptor, "w", closefd=False), line_buffering=True)
                for descriptor in (1, 2)
            )
            os.environ.update(environment)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            warnings.resetwarnings()
            for category in _SILENT:
                warnings.simplefilter("ignore", category)
            code = action() or 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def running(self) -> bool:
        """Whether it has not ended yet."""
        if self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            self._status = status if ended else None
        return self._status is None

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        os.kill(self.pid, signal.SIGINT)

    def wait(self, timeout: float = 120) -> int:
        """The code that it ends with; minus the number of a signal that ended it."""
        latest = time.monotonic() + timeout
        while self.running():
            assert time.monotonic() < latest, f"not ended in {timeout} s:\n{self.err.read_text()}"
            time.sleep(0.01)
        assert self._status is not None
        return os.waitstatus_to_exitcode(self._status)

    def __enter__(self) -> Fork:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
            self.wait()
