"""Every malformed definition is refused with CellError: line, equation, problem and fix."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from gatewise.errors import CellError
from tests.lang.bad_cells import CASES, PREAMBLE, Bad

BY_NAME = {case.name: case for case in CASES}


def marked(text: str) -> tuple[int, str]:
    """Number and text of the line to be quoted."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.endswith("# !"):
            return number, line.strip()
    raise AssertionError(f"no marked line in:\n{text}")


def test_the_table_is_long_and_has_no_name_twice() -> None:
    assert len(BY_NAME) == len(CASES) >= 30


@pytest.mark.parametrize("name", BY_NAME)
def test_refusal_quotes_line_and_equation(name: str, tmp_path: Path) -> None:
    case = BY_NAME[name]
    file = tmp_path / "my_cells.py"
    file.write_text(PREAMBLE + case.text, encoding="utf-8")
    tracing = sys.gettrace()
    with pytest.raises(CellError) as caught:
        exec(compile(PREAMBLE + case.text, str(file), "exec"), {"__name__": "my_cells"})
    message = str(caught.value)
    number, line = marked(PREAMBLE + case.text)
    assert type(caught.value) is CellError
    assert message.startswith("cell k, "), message
    assert f"my_cells.py line {number}" in message, message
    assert line in message, message
    assert case.say in message, message
    assert re.search(r"\n  Fix: \S", message), message
    assert sys.gettrace() is tracing


def as_script(cases: list[Bad]) -> str:
    """One script that tries every case and prints what was said, each between markers."""
    parts = [PREAMBLE]
    for case in cases:
        parts.append(f"print('<<< {case.name}')\ntry:\n")
        parts.append("".join(f"    {line}\n" for line in case.text.splitlines()))
        parts.append("except gw.GatewiseError as e:\n    print(type(e).__name__, str(e))\n")
    return "".join(parts)


def said(output: str) -> dict[str, str]:
    """By case, what was printed."""
    return {
        name: text for name, text in re.findall(r"<<< (\w+)\n(.*?)(?=<<< |\Z)", output, re.DOTALL)
    }


def test_python_c_has_the_equation_too() -> None:
    script = as_script(CASES)
    done = subprocess.run(
        [sys.executable, "-c", script, "an argument"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = said(done.stdout)
    for case in CASES:
        answer = answers[case.name]
        assert answer.startswith("CellError cell k, <string> line "), answer
        assert "\n  Fix: " in answer, answer
        assert marked(case.text)[1] in answer, answer


def test_another_compiled_string_is_not_taken_for_the_command() -> None:
    inner = "@gw.cell\ndef k(x, /, h, *, W):\n    return h[0] + W.h @ x\n"
    script = (
        "import gatewise as gw\n# a first line that the compiled string does not have\n"
        f"try:\n    exec({inner!r})\nexcept gw.GatewiseError as e:\n    print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cell k, <string> line 3:\n    h[0]\n"), done.stdout


def test_at_the_prompt_the_equation_is_rebuilt() -> None:
    """Where there is no source, the message carries what was traced; the session goes on."""
    typed = [PREAMBLE + "import sys\nsys.ps1 = sys.ps2 = ''\n"]
    for case in CASES:
        typed.append(f"print('<<< {case.name}', flush=True)\n")
        typed += statements(case.text)
    done = _prompt("".join(typed))
    answers = said(done)
    for case in CASES:
        answer = answers[case.name]
        assert "gatewise.errors.CellError: cell k, " in answer, answer
        assert re.search(r"cell k, <(stdin|python-input-\d+)> line \d+", answer), answer
        assert "\n  Fix: " in answer, answer
        assert case.say in answer, answer
        assert case.rebuilt in answer, answer


def statements(text: str) -> list[str]:
    """The statements of a text, each closed as it must be at the prompt."""
    lines = text.splitlines()
    texts = []
    for node in ast.parse(text).body:
        decorators = [d.lineno for d in getattr(node, "decorator_list", [])]
        first = min([node.lineno, *decorators])
        texts.append("\n".join(lines[first - 1 : node.end_lineno]) + "\n\n")
    return texts


def _prompt(typed: str) -> str:
    """What an interactive Python prints, standard output and errors together."""
    done = subprocess.run(
        [sys.executable, "-i", "-q", "-u"],
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_python_error_behind_a_refusal_is_kept() -> None:
    source = "@gw.cell\ndef k(x, /, h, *, W):\n    return {}['i'] + W.h @ x\n"
    with pytest.raises(CellError) as caught:
        exec(PREAMBLE + source, {})
    assert isinstance(caught.value.__cause__, KeyError)
    assert "KeyError" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("gw.cell(3)", "takes a function"),
        ("gw.cell('lstm')", "takes a function"),
        ("gw.cell(dict)", "takes a function"),
        ("gw.cell(len)", "takes a function"),
        ("gw.cell(static=5)", "static must be names"),
        ("gw.cell(scalar=[5])", "scalar must be names"),
        ("gw.cell(initial=5)", "initial must be a dict"),
        ("gw.cell(sizes={5: 'H'})", "sizes must be a dict"),
        ("gw.cell(init=['W'])", "init must be a dict"),
        ("gw.cell(blocks='W')", "blocks must be a dict"),
        ("sigmoid(3.0)", "works inside a cell only"),
        ("norm()", "missing 1 required"),
    ],
)
def test_misused_doors(text: str, say: str) -> None:
    with pytest.raises((CellError, TypeError)) as caught:
        exec(PREAMBLE + text, {})
    assert say in str(caught.value)
    if isinstance(caught.value, CellError):
        assert "\n  Fix: " in str(caught.value)
