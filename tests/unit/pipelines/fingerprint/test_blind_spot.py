from __future__ import annotations

import importlib
import importlib.resources
import runpy
from importlib import import_module as load
from typing import TYPE_CHECKING, Any

import pytest

from millwright.pipelines.fingerprint.blind_spot import blind_spots
from millwright.pipelines.fingerprint.reference import code_references

if TYPE_CHECKING:
    from collections.abc import Callable


def evaluates(text: str) -> Any:
    return eval(text)  # noqa: S307 - what is warned about


def imports(name: str) -> Any:
    return importlib.import_module(name)


def imports_by_another_name(name: str) -> Any:
    return [load(each) for each in (name,)]


def imports_inside(name: str) -> Any:
    from importlib import import_module

    return import_module(name)


def runs(path: str) -> Any:
    return runpy.run_path(path)


def plain(text: str) -> Any:
    return importlib.resources, text.eval()  # type: ignore[attr-defined]


def said(function: Callable[..., Any]) -> list[str]:
    return list(blind_spots(*code_references(function.__code__), function.__globals__, "it"))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (evaluates, "eval"),
        (imports, "import_module"),
        (imports_by_another_name, "import_module"),
        (imports_inside, "import_module"),
        (runs, "run_path"),
    ],
)
def test_call_that_loads_code_by_a_name_made_at_run_time_is_told(function: Callable[..., Any], name: str) -> None:
    assert said(function) == [f"it calls {name}, and what that loads or executes is not known before it does"]


def test_ordinary_code_is_passed_over() -> None:
    assert said(plain) == []
    assert list(blind_spots(*code_references(evaluates.__code__), {"eval": plain}, "it")) == []
