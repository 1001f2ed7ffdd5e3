"""What is remembered while the equations of a cell run once on symbols.

The function of a cell is called with symbols in place of vectors. Each operation appends a node; the
names of the equations are read off the running function's local variables after every bytecode
instruction, so they are kept even where there is no source to read (the prompt, ``python -c``).
"""

from __future__ import annotations

import math
import numbers
import reprlib
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any, NoReturn

from gatewise.errors import ProgramError, SizeError
from gatewise.ir import ONE, OPS, Builder, Node, Program, Size
from gatewise.ir.node import Attr
from gatewise.ir.printer import expression
from gatewise.lang.matrices import Matrices
from gatewise.lang.parameters import ParameterTable
from gatewise.lang.sizes import Sizes
from gatewise.lang.source import Spot, refuse

# the tracer whose cell is running: functions of numbers alone have no other way to find it
RUNNING: ContextVar[Tracer] = ContextVar("running")


class Tracer:
    """Collects the nodes, parameters, sizes and names of one cell."""

    def __init__(
        self, name: str, code: CodeType, states: tuple[str, ...], probing: bool = False
    ) -> None:
        """``probing``: it is not known yet which states are matrices (``matrices.py``)."""
        self.name = name
        self.builder = Builder(share=False)
        self.sizes = Sizes()
        self.bound: dict[int, list[tuple[str, int]]] = {}  # node -> names given to it, with lines
        self.bindings: list[tuple[str, int]] = []  # every (name, node), in order
        self.labels: dict[str, str] = {}  # unknown size -> how to say it
        self.declared: dict[str, Size] = {}  # sizes of parameters and local names
        self.letters: dict[str, Size] = {}  # what letters and options mean in declarations
        self.titles: dict[str, str] = {}  # constant -> the local name it was bound to first
        self.matrices = Matrices(self, probing)
        self.parameters = ParameterTable(self)
        self._code, self._states = code, states
        self._seen: dict[str, int] = {}
        self._line = code.co_firstlineno  # the line that ran last

    # --- running the function -----------------------------------------------------------------

    def run(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Any:
        """Call ``function`` and note every name it binds."""
        before = sys.gettrace()

        def call(frame: FrameType, event: str, arg: Any) -> Any:
            if frame.f_code is not self._code:
                return None
            frame.f_trace = local  # Python 3.13 announces instructions only if this is set first
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return local

        def local(frame: FrameType, event: str, arg: Any) -> Any:
            self._note(frame)
            if event == "return":  # not what was deleted, or stands inside [... for v in ...]
                variables = frame.f_locals
                self.bindings = [item for item in self.bindings if item[0] in variables]
            return local

        token = RUNNING.set(self)
        sys.settrace(call)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(before)
            RUNNING.reset(token)

    def _note(self, frame: FrameType) -> None:
        """What the last instruction bound. Python announces an instruction before it runs."""
        for name, value in frame.f_locals.items():
            if getattr(value, "_is_constant", False) and value._tracer is self:
                self.titles.setdefault(value._name, name)
            node = getattr(value, "_node", None)
            if not isinstance(node, int) or getattr(value, "_tracer", None) is not self:
                continue
            if self._seen.get(name) != node:
                self._seen[name] = node
                self.bindings.append((name, node))
                self.bound.setdefault(node, []).append((name, self._line))
                self._declare(name, node)
        self._line = frame.f_lineno

    def _declare(self, name: str, node: int) -> None:
        """Give a quantity the size that was declared for its name."""
        declared = self.declared.get(name)
        if declared is not None:
            self.matrices.refuse(node, f"sizes={{{name!r}: ...}}")
        if declared is not None and not self.sizes.unify(self.size(node), declared):
            self.fail(
                f"{name} is declared with size {self.show(declared)}, but the equations give it "
                f"{self.show(self.size(node))}",
                "change the declaration or the equation",
                f"{name} = {self.describe(node)}",
                (self._code, self._line),
            )

    # --- errors -------------------------------------------------------------------------------

    def spot(self) -> Spot:
        """The line of the user's code that is running: in the cell, or a helper in its file."""
        frame: FrameType | None = sys._getframe(1)
        nearest: FrameType | None = None
        while frame is not None:
            if nearest is None and frame.f_code.co_filename == self._code.co_filename:
                nearest = frame
            if frame.f_code is self._code and nearest is not None:
                return nearest.f_code, nearest.f_lineno
            frame = frame.f_back
        return self._code, self._line  # it has returned

    def fail(
        self, problem: str, fix: str, equation: str = "", spot: Spot | None = None
    ) -> NoReturn:
        """Raise CellError about a line; ``equation`` is quoted where there is no source."""
        code, line = spot or self.spot()
        refuse(self.name, code, line, problem, fix, equation)

    def describe(self, node: int) -> str:
        """The equation of a node, with the names bound so far."""
        labels = {n: names[-1][0] for n, names in self.bound.items() if n != node}
        nodes = tuple(self.builder.nodes)
        return expression(Program(self.name, nodes, (), (), (), ()), node, labels)

    def called(self, node: int) -> str:
        """The name of a node if it has one, else its equation."""
        return self.bound[node][-1][0] if node in self.bound else self.describe(node)

    def declarable(self, node: int) -> str:
        """A name whose declared size settles that of a node: its own, or that of a parameter in it."""
        left = [node]
        while left:
            at = left.pop(0)
            if at in self.bound:
                return self.bound[at][-1][0]
            seen = self.builder.nodes[at]
            if seen.op == "param":
                return str(seen.attr)
            left += seen.args
        return self.describe(node)

    def show(self, size: Size) -> str:
        """A size in words: its letters, or whose size it is."""
        known = {n: Size.of(text) for n, text in self.labels.items() if text.isidentifier()}
        resolved = self.sizes.resolve(size).substitute(known)
        text = str(resolved)
        for unknown in resolved.names:
            if unknown.startswith("?"):
                text = text.replace(unknown, self.labels.get(unknown, "an open size"))
        return text

    def size_of(self, text: str) -> Size:
        """The size that a text means: of H, I and letters that are declared."""
        try:
            size = Size.of(text)
        except SizeError as error:
            self.fail(str(error), "write a letter, or an expression such as 'H/2'")
        for name in sorted(size.names):
            if name not in self.letters:
                self.fail(
                    f"no size is called {name!r}",
                    "use H, I, or a letter of @gw.cell(sizes={...})",
                )
        return self.sizes.resolve(size.substitute(self.letters))

    # --- nodes --------------------------------------------------------------------------------

    def size(self, node: int) -> Size:
        return self.sizes.resolve(self.builder.nodes[node].size)

    def lift(self, value: Any, role: str) -> int:
        """The node of a symbol, parameter or number. Raises CellError for anything else."""
        as_node = getattr(value, "_as_node", None)
        if as_node is not None and getattr(value, "_tracer", None) is self:
            return int(as_node())
        if isinstance(value, numbers.Real):
            return self._number(value, role)
        kind = type(value)
        if hasattr(value, "shape") and hasattr(value, "dtype"):
            self.fail(
                f"{role} is an array ({kind.__module__}.{kind.__qualname__} of shape "
                f"{tuple(value.shape)}) captured from outside the cell",
                "make it a fixed one with constant(...), a parameter family (a keyword-only argument), an "
                "input, or a plain number",
            )
        if as_node is not None:
            RUNNING.get(self).fail(
                f"{role} belongs to another cell", "use the arguments of this function only"
            )
        fix = (
            "pass it as an option (a keyword with a number for its default) or write it as a number"
        )
        if isinstance(value, list | tuple):
            fix = (
                "a list stands after @ only: W.f @ [h, x]; norm of two gives two: a, b = norm(u, v)"
            )
        self.fail(
            f"{role} is {reprlib.repr(value)}, a {kind.__qualname__}: equations are made of inputs, "
            "states, parameters and numbers",
            fix,
        )

    def _number(self, value: numbers.Real, role: str) -> int:
        try:
            number = float(value)
        except OverflowError:
            number = math.nan
        if math.isnan(number):
            self.fail(
                f"{role} is {reprlib.repr(value)}, not a number that a float can hold",
                "write a number; infinities are allowed",
            )
        return self.builder.const(number)

    def apply(self, op: str, *operands: Any, attr: Attr = None) -> int:
        """Append an elementwise op, making the sizes of its operands equal."""
        nodes = [self.lift(v, f"operand {k + 1} of {op}") for k, v in enumerate(operands)]
        if any(n in self.matrices for n in nodes):
            return self.matrices.entrywise(op, nodes, attr)
        full = [n for n in nodes if self.size(n) != ONE]
        for other in full[1:]:
            self.equal(full[0], other, op)
        size = self.size(full[0]) if full else ONE
        return self.builder.append(Node(op, tuple(nodes), size, None, attr))

    def equal(self, a: int, b: int, op: str) -> None:
        """Unify the sizes of two operands or say why they cannot be."""
        if self.sizes.unify(self.size(a), self.size(b)):
            return
        left, right = self.called(a), self.called(b)
        self.fail(
            f"sizes cannot be unified: {left} has size {self.show(self.size(a))}, "
            f"{right} has size {self.show(self.size(b))}",
            "bring both to one size with a matrix (W.k @ ...), with repeat(...), or declare "
            "their sizes: @gw.cell(sizes={...})",
            f"{op}({left}, {right})",
        )

    def check_not_rebound(self, name: str, vector: int) -> None:
        """A matrix that reads a state bound anew in this step is nearly always a slip."""
        nodes = [vector]
        if self.builder.nodes[vector].op == "concat":
            nodes += self.builder.nodes[vector].args
        for node in nodes:
            names = self.bound.get(node, [])
            fresh = self.builder.nodes[node].op != "state"
            if fresh and names and all(n in self._states for n, _ in names):
                state, line = names[-1]
                self.fail(
                    f"{name} @ {state} reads the state {state} after it was bound anew in line {line}",
                    f"compute it before {state} is bound anew if the previous {state} is meant; if the "
                    f"new value is meant, give it a name of its own ({state}_new = ...) and use that",
                    f"{name} @ {self.called(vector)}",
                )

    def op(self, op: str, *nodes: int, attr: Attr = None) -> int:
        """Append an op by its own size rule."""
        for n in nodes:
            self.matrices.refuse(n, op)
        operands = [self.builder.nodes[n] for n in nodes]
        resolved = [
            Node(o.op, o.args, self.sizes.resolve(o.size), o.cols, o.attr) for o in operands
        ]
        try:
            size, cols = OPS[op].shape(resolved, attr)
        except ProgramError as error:
            self.fail(str(error), "see the table of functions in docs/language.md")
        return self.builder.append(Node(op, nodes, size, cols, attr))
