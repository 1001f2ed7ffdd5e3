"""Names of the equations as mathematics: ``f_tilde`` is an f with a tilde, ``W.i`` a W with index i.

A name is read once into a ``Symbol``, which is then typeset: ``latex`` for papers, ``spans`` for the
letters of a diagram. Names may come from a file, so nothing in them is trusted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
    phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
GREEK = dict(zip(_GREEK_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", strict=True))
_COMMANDS = {letter: name for name, letter in GREEK.items()}
_ACCENTS = {"tilde": "\u0303", "hat": "\u0302", "bar": "\u0304", "dot": "\u0307"}
_ESCAPES = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\hat{\ }",
    "~": r"\sim ",
}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter or word with an accent, indices, the count of a rebinding, and the time it is of.

    ``log`` says that the name is one of a logarithm: ``log_f``.
    """

    base: str
    accent: str = ""
    subs: tuple[Symbol, ...] = ()
    count: str = ""
    time: str = ""
    log: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A run of letters: italic or upright; ``level`` 0 on the line, -1 a subscript, 1 a superscript."""

    text: str
    italic: bool = True
    level: int = 0


def symbol(name: str, time: str = "") -> Symbol:
    """Read a name: ``c_tilde``, ``f_log``, ``h1``, ``phi``, ``W.i``, ``h#1``."""
    name, _, count = name.partition("#")
    family, dot, member = name.partition(".")
    if dot:
        base = symbol(family)
        inner = Symbol(member) if len(member) == 2 else symbol(member)
        return Symbol(base.base, base.accent, (*base.subs, inner), count, time)
    head, *marks = [part for part in name.split("_") if part] or [name]
    log = head == "log" and bool(marks)
    if log:
        head, *marks = marks
    accent = next((part for part in marks if part in _ACCENTS), "")
    subs = [Symbol(part) for part in marks if part != accent]
    numbered = re.fullmatch(r"([^\W\d]+)(\d+)", head)
    if numbered:
        head, subs = numbered[1], [Symbol(numbered[2]), *subs]
    return Symbol(head, accent, tuple(subs), count, time, log)


def latex(s: Symbol) -> str:
    r"""The symbol for LaTeX's math mode: ``\tilde{c}_{t-1}``, ``W_i``, ``f_{\mathrm{log},t}``."""
    base = _letters(s.base)
    if s.accent:
        base = f"\\{s.accent}{{{base}}}"
    if s.count:
        base += f"^{{({escape(s.count)})}}"
    plain = [len(sub.base) == 2 and sub.base not in GREEK for sub in s.subs]
    subs = [escape(p.base) if two else latex(p) for p, two in zip(s.subs, plain, strict=True)]
    subs += [s.time] if s.time else []
    below = ",".join(subs)
    base = f"\\log {base}" if s.log else base
    if not below:
        return base
    return f"{base}_{below}" if len(below) == 1 else f"{base}_{{{below}}}"


def _letters(base: str) -> str:
    if base in GREEK:
        return "\\" + base
    if base in _COMMANDS:
        return "\\" + _COMMANDS[base]
    if len(base) == 1 or base.isdigit():
        return escape(base)
    return f"\\mathrm{{{escape(base)}}}"


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands, whatever it holds."""
    return "".join(_ESCAPES.get(ch, ch) for ch in text if ch.isprintable())


def spans(s: Symbol) -> list[Span]:
    """The symbol as runs of letters for a drawing."""
    base = GREEK.get(s.base, s.base)
    runs = [Span("log ", italic=False)] if s.log else []
    runs.append(Span(base + _ACCENTS.get(s.accent, ""), italic=len(base) == 1))
    if s.count:
        runs.append(Span(f"({s.count})", italic=False, level=1))
    subs = ["".join(run.text for run in spans(sub)) for sub in s.subs]
    subs += [s.time.replace("-", "−")] if s.time else []
    if subs:
        short = all(len(sub) <= 2 for sub in subs[: len(s.subs)])
        runs.append(Span(",".join(subs), italic=short, level=-1))
    return runs


def flat(runs: list[Span]) -> str:
    """The letters alone."""
    return "".join(run.text for run in runs)
