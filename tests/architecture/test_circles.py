"""No two files import each other, wherever the import stands: one for types counts as well."""

from __future__ import annotations

from tests.architecture.sources import SOURCES, imported_names, module_of


def import_graph() -> dict[str, set[str]]:
    """For every file of the package, those that it imports, wherever the import stands."""
    modules = {f"gatewise.{module_of(path)}".rstrip("."): path for path in SOURCES}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        targets = set()
        for _, name in imported_names(path.read_text(encoding="utf-8"), package):
            # a module, or a name that is defined in one
            target = name if name in modules else name.rpartition(".")[0]
            targets |= {target} & modules.keys() - {module}
        graph[module] = targets
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Files that import each other in a circle; empty if there are none."""
    done: set[str] = set()

    def follow(module: str, way: list[str]) -> list[str]:
        if module in way:
            return [*way[way.index(module) :], module]
        if module not in done:
            for target in sorted(graph[module]):
                if around := follow(target, [*way, module]):
                    return around
            done.add(module)
        return []

    return next(filter(None, (follow(module, []) for module in sorted(graph))), [])


def test_no_files_import_each_other() -> None:
    around = circle(import_graph())
    assert not around, " -> ".join(around)


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
