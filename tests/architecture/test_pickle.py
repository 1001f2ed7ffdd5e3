"""Nothing is pickled: a file that someone sends must not be able to run code."""

from __future__ import annotations

from tests.architecture.sources import ROOT, SOURCES, imported_names


def pickle_imports(source: str) -> list[str]:
    forbidden = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve"}
    names = (name for _, name in imported_names(source, "gatewise"))
    return [name for name in names if name.split(".")[0] in forbidden]


def test_nothing_pickles() -> None:
    imports_of = {
        p.relative_to(ROOT): pickle_imports(p.read_text(encoding="utf-8")) for p in SOURCES
    }
    assert not {path: names for path, names in imports_of.items() if names}


def test_the_pickle_scan_sees_pickle() -> None:
    assert pickle_imports("def save():\n    from pickle import dumps") == ["pickle.dumps"]
