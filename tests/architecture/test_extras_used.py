"""Every extra of the package brings libraries that its code imports, and no others."""

from __future__ import annotations

import ast
import re
import tomllib

from tests.architecture.sources import ROOT, SOURCES, syntax

# where the name of a library to import differs from that of its package
IMPORTED_AS = {"scikit-learn": "sklearn"}
# extras for work on the package and for its benchmarks
NOT_OF_USERS = ("all", "peers", "triton", "dev")
# narwhals imports it for the package, by its name
BY_NAME = {"pandas"}


def libraries(extras: dict[str, list[str]], extra: str) -> set[str]:
    """The packages that an extra brings itself, without those of other extras."""
    names = (re.split(r"[<>=\[ ]", requirement)[0] for requirement in extras[extra])
    return {name for name in names if name != "gatewise"}


def imports(source: str) -> set[str]:
    """The top-level modules that a file imports."""
    names = set()
    for node in syntax(source).imports:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").split(".")[0])
    return names


def test_every_extra_is_used_by_the_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    sources = [path.read_text(encoding="utf-8") for path in SOURCES]
    used = set().union(*map(imports, sources))
    used |= {name for name in BY_NAME if any(f'"{name}"' in source for source in sources)}
    for extra in set(extras) - set(NOT_OF_USERS):
        brought = {
            IMPORTED_AS.get(name, name).replace("-", "_") for name in libraries(extras, extra)
        }
        assert brought, f"the extra {extra} brings nothing"
        assert brought <= used, f"the extra {extra} brings what no file imports: {brought - used}"


def test_all_has_every_extra() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    (everything,) = extras["all"]
    assert (
        everything == f"gatewise[{','.join(name for name in extras if name not in NOT_OF_USERS)}]"
    )


def test_an_unused_library_is_seen() -> None:
    extras = {"serve": ["gatewise[torch]", "fastapi>=0.120", "uvicorn[standard]"], "all": []}
    assert libraries(extras, "serve") == {"fastapi", "uvicorn"}
    assert imports("def late():\n    import a.b\nfrom c.d import e\nfrom .f import g") == {"a", "c"}
