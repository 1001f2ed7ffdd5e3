"""The command ``gatewise``.

``main`` works with the base install: what the verbs need beyond it, it asks for in one line. Exit
codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from gatewise.cli.exits import DONE, FAILED, INTERRUPTED, PIPE, USAGE, say

VERBS = ("look", "fit", "predict", "plot", "update", "evaluate", "info", "inspect")
EXTRAS = dict.fromkeys(VERBS, "forecast,cli") | {
    "lab": "lab",
    "tune": "forecast,tune,cli",
    "play": "control,cli",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Results go to stdout, messages to stderr."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # names of files that are not UTF-8 are printed with the bytes they have
        sys.stdout.reconfigure(errors="surrogateescape")
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # the reader has closed the pipe (``| head``); Python must not complain at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE


def _run(arguments: list[str]) -> int:
    from gatewise.errors import GatewiseError, OptionError
    from gatewise.extras import installed
    from gatewise.settings import sleep_while_waiting

    # before torch is loaded
    sleep_while_waiting()
    if arguments[:1] in (["--version"], ["-V"]):
        from gatewise.version import __version__

        print(f"gatewise {__version__}")
        return DONE
    if not installed("typer"):
        verb = next((a for a in arguments if not a.startswith("-")), "")
        extra = EXTRAS.get(verb, "cli")
        say(f'{f"gatewise {verb}".rstrip()} needs the extra: pip install "gatewise[{extra}]"')
        return USAGE
    from gatewise.cli.app import command

    try:
        command()(arguments, prog_name="gatewise", obj=arguments)
    except SystemExit as end:  # how typer ends
        return end.code if isinstance(end.code, int) else FAILED if end.code else DONE
    except OptionError as error:
        say(f"gatewise: {error}")
        return USAGE
    except GatewiseError as error:
        say(f"gatewise: {error}")
        return FAILED
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "allocate memory" not in str(error):
            raise
        say("gatewise: out of memory: use fewer units, a smaller batch or fewer series")
        return FAILED
    return DONE
