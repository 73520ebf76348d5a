from __future__ import annotations

import ast
import json
import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import millwright as mw
from millwright.pipelines.fingerprint.lookup import (
    Global,
    Package,
    Unknown,
    find,
    find_imported,
    imports_in,
    is_step_decorator,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module, deep = ModuleType("helper_of_lookup"), ModuleType("helper_of_lookup.deep")
    module.LIMIT, module.np, module.json, module.deep = 3, np, json, deep  # type: ignore[attr-defined]
    deep.VALUE = 4  # type: ignore[attr-defined]
    module.__path__ = []
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(sys.modules, deep.__name__, deep)
    return module


def test_chain_goes_through_project_modules_to_a_value(helper: ModuleType) -> None:
    namespace = {"helper": helper}
    assert find(("helper", "LIMIT"), namespace) == Global(vars(helper), "LIMIT", 3)
    found = find(("helper", "deep", "VALUE", "real"), namespace)
    assert isinstance(found, Global)
    assert (found.name, found.value) == ("VALUE", 4)


def test_chain_stops_at_packages_and_at_pythons_own(helper: ModuleType) -> None:
    namespace = {"helper": helper, "np": np, "json": json}
    assert find(("np", "linalg", "norm"), namespace) == Package("numpy")
    assert find(("helper", "np", "zeros"), namespace) == Package("numpy")
    assert find(("json", "dumps"), namespace) is None
    assert find(("helper", "json", "dumps"), namespace) is None


def test_chain_that_leads_nowhere_is_unknown_and_a_builtin_is_nothing(helper: ModuleType) -> None:
    assert find(("helper", "missing"), {"helper": helper}) == Unknown("helper_of_lookup.missing")
    assert find(("print",), {}) is None
    assert find(("__file__",), {"__file__": "x"}) is None
    assert find(("__version__",), {"__version__": "1"}) == Global({"__version__": "1"}, "__version__", "1")


def test_import_leads_to_a_name_a_module_or_a_package(helper: ModuleType) -> None:
    assert find_imported("helper_of_lookup", 0, "LIMIT", {}) == Global(vars(helper), "LIMIT", 3)
    assert find_imported("numpy", 0, "zeros", {}) == Package("numpy")
    assert find_imported("json", 0, None, {}) is None
    assert find_imported("deep", 1, "VALUE", {"__package__": "helper_of_lookup"}) == Global(
        vars(helper.deep), "VALUE", 4
    )
    assert find_imported("not_there_at_all", 0, None, {}) == Unknown("not_there_at_all")


def test_imports_inside_a_body_count_as_far_as_they_are_used(helper: ModuleType) -> None:
    del helper
    source = """
def f():
    import helper_of_lookup as h
    import helper_of_lookup.deep
    from helper_of_lookup import LIMIT as most, deep
    import numpy
    return h.LIMIT + most + helper_of_lookup.deep.VALUE
"""
    found = list(imports_in(ast.parse(source), {}))
    values = [(each.name, each.value) for each in found if isinstance(each, Global)]
    assert values == [("LIMIT", 3), ("VALUE", 4), ("LIMIT", 3)]
    assert Package("numpy") in found


def test_module_that_an_import_would_load_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package_of_lookup"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "helper.py").write_text("LIMIT = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    namespace = {"__package__": "package_of_lookup"}
    found = find_imported("", 1, "helper", namespace)
    assert isinstance(found, Global)
    assert found.value.LIMIT == 3
    missing = find_imported("", 1, "nothing", namespace)
    assert missing == Unknown(".nothing")
    assert isinstance(missing, Unknown)
    assert missing.is_missed


def test_import_that_is_provided_for_is_not_missed() -> None:
    source = """
def f():
    import not_there
    from not_there import one
    try:
        import not_there_either
    except ImportError:
        pass
    if TYPE_CHECKING:
        import not_there_at_all
"""
    found = [each for each in imports_in(ast.parse(source), {}) if isinstance(each, Unknown)]
    assert [each.is_missed for each in found] == [True, True, False, False]


def test_decorator_of_ours_is_told_from_others() -> None:
    namespace = {"mw": mw, "step": mw.step, "other": SimpleNamespace(step=print)}

    def told(text: str) -> bool:
        return is_step_decorator(ast.parse(text, mode="eval").body, namespace)

    assert told("mw.step")
    assert told("mw.step(retries=2)")
    assert told("step")
    assert not told("other.step")
    assert not told("missing")
    assert not told("mw.step.missing.chain()()")
