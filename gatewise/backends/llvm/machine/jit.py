"""From LLVM IR to machine code: compile it, load it into this process, show it.

    module = load(compile_object(text, Target.host()), ["kernel"])
    kernel = module.function("kernel", None, ctypes.c_void_p)

The text need not name a triple or a data layout: the target's are set. Functions marked
``alwaysinline`` are inlined, and internal ones that nobody calls cost nothing.

llvmlite and ctypes have no types that mypy could read: what comes from them is ``Any``, here alone.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import llvmlite.binding as llvm

from gatewise.backends.llvm.machine.target import Target
from gatewise.errors import BackendError

# The emitter writes the code as it should be, so the full -O3 pipeline finds nothing in it and
# costs as much as the rest together. Inlining is what it leaves to LLVM, and instcombine tidies
# addresses (a tenth of the speed of an AVX2 weight gradient; 3 ms of 45).
_PASSES = (
    "always_inliner",
    "global_dead_code_eliminate",
    "sroa",
    "instruction_combine",
    "simplify_cfg",
)
_CODEGEN_LEVEL = 2


def compile_object(ir_text: str, target: Target) -> bytes:
    """The object file of a module. Raises BackendError if its text is malformed."""
    return bytes(_machine(target).emit_object(_optimised(ir_text, target)))


def assembly(ir_text: str, target: Target) -> str:
    """The assembly that ``compile_object`` would turn into bytes. Raises as it does."""
    return str(_machine(target).emit_assembly(_optimised(ir_text, target)))


def optimised_ir(ir_text: str, target: Target) -> str:
    """The LLVM IR after the passes, before instructions are chosen. Raises as compile_object."""
    return str(_optimised(ir_text, target))


class Module:
    """Machine code in this process. ``module["kernel"]`` is the address of a function.

    The code stays for as long as this object lives, and is freed with it: keep it, or a function
    from ``function``, for as long as an address is in use.
    """

    def __init__(self, tracker: Any, names: Sequence[str], linker: Linker) -> None:
        self._tracker = tracker
        self.names = tuple(names)
        # held from outside, so that a linker stays until the last of its code is gone, also where
        # both are found by the garbage collector at once
        weakref.finalize(self, _unload, tracker, linker).atexit = False

    def __getitem__(self, name: str) -> int:
        if name not in self.names:
            raise KeyError(f"no function {name!r} was loaded; there are {', '.join(self.names)}")
        return int(self._tracker[name])

    def function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        """A function as ctypes calls it, without the GIL; it keeps the module alive."""
        function: Any = ctypes.CFUNCTYPE(result, *arguments)(self[name])
        function.module = self
        return function  # type: ignore[no-any-return]


class Linker:
    """Where code is linked into this process. What LLVM keeps of code that was freed (11 KB of each
    object) goes with the linker: things that are let go of together share one."""

    def __init__(self) -> None:
        _initialise(everything=False)
        self.link = llvm.create_lljit_compiler(suppress_errors=True)


def _unload(tracker: Any, linker: Linker) -> None:
    """Free code, then let go of its linker."""
    tracker.close()


def load(
    object_bytes: bytes,
    names: Sequence[str],
    symbols: Mapping[str, int] | None = None,
    linker: Linker | None = None,
) -> Module:
    """Link an object file into this process.

    ``names`` are the functions that are wanted, and ``symbols`` the addresses of what the code
    calls; what is not there is looked for in the process. ``linker`` is the one to link it with, by
    default that of the process. Raises BackendError if something is missing. The bytes must be sound: LLVM may kill the process on a damaged object, so hash
    whatever has been outside of this process.
    """
    library = llvm.JITLibraryBuilder().add_object_img(object_bytes).add_current_process()
    for name, address in (symbols or {}).items():
        library.import_symbol(name, address)
    for name in names:
        library.export_symbol(name)
    linker = linker or _linker()
    try:
        tracker = library.link(linker.link, f"gatewise.{next(_serial)}")
    except RuntimeError as error:
        raise BackendError(
            f"compiled code cannot be linked ({', '.join(names)}): {error}"
        ) from None
    return Module(tracker, names, linker)


# --- LLVM's objects -------------------------------------------------------------------------------

_serial = itertools.count()  # LLVM never lets the name of a library be used again


@functools.cache
def _linker() -> Linker:
    """The linker of what is never let go of."""
    return Linker()


@functools.cache
def _initialise(everything: bool) -> None:
    if everything:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    else:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()


@functools.lru_cache(maxsize=32)
def _machine(target: Target) -> Any:
    _initialise(everything=not target.hosted)
    # In this process code and what it calls may lie anywhere; a file is linked as usual.
    model = {"codemodel": "jitdefault"} if target.hosted else {"codemodel": "default"}
    try:
        return llvm.Target.from_triple(target.triple).create_target_machine(
            cpu=target.cpu,
            features=target.features,
            opt=_CODEGEN_LEVEL,
            reloc="default" if target.hosted else "pic",
            abiname=target.abi,
            **model,
        )
    except RuntimeError as error:
        raise BackendError(
            f"this LLVM cannot make code for {target.name} ({target.triple}): {error}"
        ) from None


def _optimised(ir_text: str, target: Target) -> Any:
    """The module, checked and optimised, in a context of its own that is freed with it."""
    machine = _machine(target)
    if "\0" in ir_text:  # LLVM would stop reading there
        raise BackendError("the LLVM IR is malformed: it holds a NUL character")
    try:
        module = llvm.parse_assembly(ir_text, llvm.create_context())
        module.triple = machine.triple
        module.data_layout = str(machine.target_data)
        module.verify()
    except (RuntimeError, UnicodeEncodeError) as error:
        raise BackendError(f"the LLVM IR is malformed: {error}") from None
    passes, builder = _pipeline(target)
    passes.run(module, builder)
    return module


@functools.lru_cache(maxsize=32)
def _pipeline(target: Target) -> tuple[Any, Any]:
    """The passes, made once: LLVM keeps 15 KB of each pass manager that is let go of."""
    builder = llvm.create_pass_builder(_machine(target), llvm.create_pipeline_tuning_options())
    passes = llvm.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(passes, f"add_{name}_pass")()
    return passes, builder


# --- fork -----------------------------------------------------------------------------------------
# A child has only the thread that forked. If another thread was inside LLVM, its lock would stay
# shut in the child for ever; so a fork waits until nobody is (llvmlite lets one thread in at a
# time). It does not wait without end, as a wait of somebody else's may hang on this one.

_lock: Any = getattr(getattr(llvm.ffi.lib, "_lock", None), "_lock", None)
_held: list[bool] = []


def _before_fork() -> None:
    _held.append(_lock.acquire(timeout=2.0))


def _after_fork() -> None:
    if _held.pop():
        _lock.release()


if _lock is not None and hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
