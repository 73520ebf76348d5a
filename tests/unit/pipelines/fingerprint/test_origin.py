from __future__ import annotations

import collections.abc
import importlib
import importlib.metadata
import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from millwright.pipelines.fingerprint.origin import (
    Origin,
    origin_of_file,
    origin_of_module,
    package_of_module,
    package_version,
    project_modules,
    version_of_sources,
)
from millwright.version import __version__

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["json", "json.decoder", "sys", "builtins", "collections.abc", "_thread", "posixpath"])
def test_standard_library_is_python(name: str) -> None:
    assert origin_of_module(name) is Origin.PYTHON


@pytest.mark.parametrize(
    "name", ["numpy", "numpy.linalg", "sqlalchemy", "millwright", "millwright.core.ids", "sklearn"]
)
def test_installed_package_is_a_package_whether_loaded_or_not(name: str) -> None:
    assert origin_of_module(name) is Origin.PACKAGE


def test_modules_of_the_project_are_those_that_each_alone_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared_folder").mkdir()  # a namespace, which an installed package could share
    (tmp_path / "shared_folder" / "mine.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("shared_folder.mine")
    names = [*sys.modules, "not_there_at_all"]
    found = project_modules(names)
    alone = [name for name in names if origin_of_module(name) is Origin.PROJECT]
    assert [name for name in found if name not in alone] == []
    # What a compiled package makes as it is loaded says nothing by itself.
    made = [name for name in alone if name not in found]
    assert [name for name in made if origin_of_module(name.partition(".")[0]) is Origin.PROJECT] == []
    assert [name for name in made if getattr(sys.modules[name], "__file__", None) is not None] == []
    assert {"shared_folder", "shared_folder.mine", __name__} <= {*found}


def test_anything_else_is_the_project(tmp_path: Path) -> None:
    assert origin_of_module(__name__) is Origin.PROJECT
    assert origin_of_module("not_there_at_all") is Origin.PROJECT
    assert origin_of_file(str(tmp_path / "pipeline.py")) is Origin.PROJECT
    assert origin_of_file("<ipython-input-1>") is Origin.PROJECT


def test_file_is_told_by_its_folder() -> None:
    assert origin_of_file(json.__file__) is Origin.PYTHON
    assert origin_of_file(np.__file__) is Origin.PACKAGE
    assert origin_of_file("/elsewhere/lib/site-packages/thing.py") is Origin.PACKAGE
    assert origin_of_file("<frozen importlib._bootstrap>") is Origin.PYTHON
    assert collections.abc.__file__


def test_version_is_that_of_the_distribution_which_ships_the_module() -> None:
    assert package_of_module("numpy.linalg") == f"numpy=={importlib.metadata.version('numpy')}"
    assert package_of_module("sklearn.base") == f"sklearn=={importlib.metadata.version('scikit-learn')}"
    assert package_of_module("dateutil") == f"dateutil=={importlib.metadata.version('python-dateutil')}"
    assert package_of_module("importlinter") == f"importlinter=={importlib.metadata.version('import-linter')}"


def test_own_version_counts_alone_when_installed(tmp_path: Path) -> None:
    root = tmp_path / "site-packages" / "millwright"
    root.mkdir(parents=True)
    (root / "step.py").write_text("a = 1\n")
    assert version_of_sources(root) == __version__
    assert package_version("millwright").partition("+")[0] == __version__


def test_own_version_follows_the_sources_that_steps_can_reach_when_worked_on_in_place(tmp_path: Path) -> None:
    for room in ("training", "cli"):
        (tmp_path / room).mkdir()
        (tmp_path / room / "thing.py").write_text("a = 1\n")
    before = version_of_sources(tmp_path)
    assert before.startswith(f"{__version__}+")
    (tmp_path / "cli" / "thing.py").write_text("a = 2\n")
    assert version_of_sources(tmp_path) == before
    (tmp_path / "training" / "thing.py").write_text("a = 2\n")
    assert version_of_sources(tmp_path) != before


def test_version_without_a_distribution_is_the_one_written_in_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "written_thing.py").write_text('"""Docs."""\n__version__ = "7.1"\n')
    (tmp_path / "silent_thing.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert package_version("written_thing") == "7.1"
    assert package_version("silent_thing") == "?"
    assert "written_thing" not in sys.modules


def test_installed_packages_are_searched_only_for_what_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    monkeypatch.setattr(importlib.metadata, "packages_distributions", lambda: searched.append("all") or {})
    assert package_version("polars") == importlib.metadata.version("polars")
    assert package_version("sklearn") == importlib.metadata.version("scikit-learn")
    assert not searched
    assert package_version("no_such_thing") == "?"
    assert searched == ["all"]
