from __future__ import annotations

import functools
import importlib.util
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from millwright.pipelines.fingerprint.lookup import Global
from millwright.pipelines.fingerprint.origin import Origin
from millwright.pipelines.fingerprint.unit import UnitReader, home_of, origin_of_function

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = textwrap.dedent('''
    import functools
    import re

    LIMIT = 3
    PATTERN = re.compile("a")
    PATTERN.flags

    def helper(x, y=LIMIT):
        """Says."""
        return x + LIMIT

    def outer(n):
        def inner():
            return n + helper(1)
        return inner

    @functools.wraps(helper)
    def wrapped(*args):
        return helper(*args)

    class Thing:
        size = LIMIT

        def grow(self):
            return helper(self.size)
''')


@pytest.fixture
def module(tmp_path: Path) -> Any:
    path = tmp_path / "thing.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("thing", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_function_has_its_text_and_what_it_reaches(module: Any) -> None:
    unit = UnitReader().function(module.helper)
    assert unit.label == "thing.helper"
    assert "Says" not in unit.text
    assert dict(unit.references) == {
        "LIMIT": Global(vars(module), "LIMIT", 3),
        "defaults": (3,),
        "kwdefaults": {},
    }


def test_defaults_of_a_root_count_elsewhere(module: Any) -> None:
    unit = UnitReader().function(module.helper, is_root=True)
    assert [label for label, _ in unit.references] == ["LIMIT"]


def test_closure_reaches_its_cells_and_a_wrapper_what_it_wraps(module: Any) -> None:
    inner = dict(UnitReader().function(module.outer(7)).references)
    assert 7 in inner.values()
    assert dict(UnitReader().function(module.wrapped).references)["wrapped"] is module.helper


def test_function_without_source_counts_by_its_byte_code() -> None:
    namespace: dict[str, Any] = {"__name__": "made"}
    exec("def f(x):\n    return x + LIMIT\ndef g(x):\n    return x - LIMIT\nLIMIT = 1", namespace)  # noqa: S102 - its own
    reader = UnitReader()
    one, other = reader.function(namespace["f"]), reader.function(namespace["g"])
    assert one.text != other.text
    assert dict(one.references)["LIMIT"] == Global(namespace, "LIMIT", 1)


def test_constant_is_known_by_the_statements_that_set_it(module: Any) -> None:
    found = Global(vars(module), "PATTERN", module.PATTERN)
    reader = UnitReader()
    assert len(reader.statements(found)) == 1
    assert "compile" in reader.constant(found).text
    assert reader.statements(Global({}, "PATTERN", 1)) == []


def test_foreign_wrapper_is_followed_to_the_projects_functions(module: Any) -> None:
    cached = functools.lru_cache(module.helper)

    def hold(*_: object) -> object:
        return registry, cached

    registry = {int: module.outer, "text": "not followed"}
    references = UnitReader().foreign(hold).references  # type: ignore[arg-type]
    assert [value for _, value in references] == [module.helper, module.outer]


def test_origin_goes_by_file_and_for_generated_code_by_module(module: Any) -> None:
    assert origin_of_function(module.helper) is Origin.PROJECT
    assert origin_of_function(functools.wraps) is Origin.PYTHON
    assert origin_of_function(UnitReader.function) is Origin.PACKAGE  # type: ignore[arg-type]
    assert home_of(functools.wraps(module.helper)(lambda: 1)) == __name__
