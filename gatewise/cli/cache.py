"""``gatewise cache``: the compiled kernels that are kept on disk; how to remove them."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gatewise.cli.exits import FAILED, say

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

verb = typer.Typer(help="The compiled kernels that are kept on disk.")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(verb, name="cache")


@verb.callback(invoke_without_command=True)
def shown(context: typer.Context, as_json: AsJson = False) -> None:
    """Show where compiled kernels are kept, how many there are and their size.

    GATEWISE_CACHE_DIR is another folder for them, GATEWISE_CACHE_SIZE how much they may take.
    """
    if context.invoked_subcommand is not None:
        return
    from gatewise.backends.llvm.machine import cache

    info = cache.default().info()
    if as_json:
        facts = {
            "folder": str(info.folder) if info.folder else None,
            "problem": info.problem,
            "kernels": info.files,
            "bytes": info.bytes,
            "limit": info.limit,
        }
        print(json.dumps(facts, indent=1))
    elif info.folder is None:
        print(f"no kernels are kept: {info.problem}")
    else:
        print(f"folder   {info.folder}\nkernels  {info.files}")
        print(f"size     {_size(info.bytes)} of at most {_size(info.limit)}")


@verb.command()
def clear(as_json: AsJson = False) -> None:
    """Remove all kernels. They are compiled again when they are needed."""
    from gatewise.backends.llvm.machine import cache

    folder = cache.default()
    removed, after = folder.clear(), folder.info()
    if as_json:
        print(json.dumps({"removed": removed, "left": after.files}, indent=1))
    else:
        print(f"removed {removed} kernel{'' if removed == 1 else 's'}")
    if after.problem or after.files:
        say(f"gatewise: {after.problem or f'{after.files} could not be removed'}")
        raise typer.Exit(FAILED)


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB"
