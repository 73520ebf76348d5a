from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from millwright.pipelines.source.scope import ImportScope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def scope(write: Callable[..., Path]) -> ImportScope:
    return ImportScope(
        write(helper_one="VALUE = 1\n", helper_two="import helper_one\nVALUE = helper_one.VALUE + 1\n").parent
    )


def test_modules_are_importable_only_inside(scope: ImportScope) -> None:
    with scope.active():
        assert importlib.import_module("helper_two").VALUE == 2
        assert sys.path[0] == str(scope.root)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("helper_two")


def test_module_is_the_same_each_time(scope: ImportScope) -> None:
    with scope.active():
        first = importlib.import_module("helper_one")
    with scope.active(), scope.active():
        assert importlib.import_module("helper_one") is first
    assert "helper_one" not in sys.modules


def test_module_that_was_there_before_is_hidden_and_comes_back(
    scope: ImportScope,
) -> None:
    other = ModuleType("helper_one")
    sys.modules["helper_one"] = other
    with scope.active():
        assert importlib.import_module("helper_one").VALUE == 1
    assert sys.modules.pop("helper_one") is other


def test_scope_is_left_when_the_context_raises(scope: ImportScope) -> None:
    with pytest.raises(ModuleNotFoundError), scope.active():
        importlib.import_module("helper_one.missing")
    assert "helper_one" not in sys.modules


def test_standard_library_and_millwright_are_never_replaced(write: Callable[..., Path]) -> None:
    import json

    import millwright

    scope = ImportScope(write(json="VALUE = 1\n", millwright="VALUE = 1\n").parent)
    with scope.active():
        assert importlib.import_module("json") is json
        assert importlib.import_module("millwright") is millwright


def test_module_loaded_by_other_means_can_be_added(scope: ImportScope) -> None:
    module = ModuleType("helper_made")
    scope.add("helper_made", module)
    with scope.active():
        assert importlib.import_module("helper_made") is module
        scope.add("helper_later", module)
        assert importlib.import_module("helper_later") is module
    assert "helper_made" not in sys.modules


def test_packages_in_a_virtual_environment_below_are_not_the_projects(
    scope: ImportScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = scope.root / ".venv" / "site-packages" / "helper_installed"
    installed.mkdir(parents=True)
    (installed / "__init__.py").touch()
    (installed / "part.py").touch()
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(installed.parent))
        with scope.active():
            module = importlib.import_module("helper_installed.part")
        assert sys.modules.pop("helper_installed.part") is module
        del sys.modules["helper_installed"]
