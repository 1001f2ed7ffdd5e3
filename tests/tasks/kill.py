"""Kill a process at a chosen system call: what a power cut or ``kill -9`` does, at every moment there is."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable

_TRACEME, _SYSCALL = 0, 24  # requests of ptrace on Linux
_libc = ctypes.CDLL(None, use_errno=True)


def _ptrace(request: int, pid: int) -> None:
    if _libc.ptrace(ctypes.c_long(request), pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def killed_at_system_call(action: Callable[[], None], number: int) -> bool:
    """Run an action in a forked child that is killed before its system call of this number.

    Returns whether the action ended before that. Fails if it raised.
    """
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            _ptrace(_TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            action()
            status = 0
        finally:
            os._exit(status)
    os.waitpid(pid, 0)  # at SIGSTOP
    stops = 0
    while True:
        _ptrace(_SYSCALL, pid)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the action failed"
            return True
        if stops == 2 * number:  # a call stops before and after
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        stops += 1
