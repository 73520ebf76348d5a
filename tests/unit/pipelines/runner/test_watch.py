from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import sqlite3
import sys
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from millwright.core.errors import InvalidInputError
from millwright.pipelines.runner.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with files of many kinds, written long before a step begins."""
    folder = tmp_path / "project"
    for name in ("data.csv", "deep/more.csv", ".env", ".cache/x.csv", "millwright.toml", "stores/x.bin", "a.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a\n1\n")
        age(path)
    return folder


def age(path: Path) -> None:
    os.utime(path, (1, 1))


def read(path: Path) -> None:
    with path.open() as file:
        file.read()


def findings(project: Path, action: Callable[[], Any], **settings: Any) -> list[str]:
    with Watch("train", project_dir=project, **settings) as watch:
        action()
    return [text.partition(",")[0].removeprefix("Step 'train' ") for text in watch.findings]


def test_file_of_the_project_is_told_with_what_to_do(project: Path) -> None:
    with Watch("train", project_dir=project) as watch:
        read(project / "deep" / "more.csv")
        read(project / "deep" / "more.csv")
    (told,) = watch.findings
    assert told.startswith("Step 'train' read deep/more.csv, which its cache key does not know: ")
    assert told.endswith("hand it in as mw.external('deep/more.csv').")


@pytest.mark.parametrize(
    "reading",
    [
        lambda path: path.read_text(),
        lambda path: path.read_bytes(),
        lambda path: os.close(os.open(path, os.O_RDONLY)),
        lambda path: os.close(os.open(os.fsencode(path), os.O_RDWR)),
        pd.read_csv,
        lambda path: np.loadtxt(path, skiprows=1),
        lambda path: sqlite3.connect(path).close(),
        lambda path: path.open("r+").close(),
    ],
    ids=["text", "bytes", "os.open", "os.open for both", "pandas", "numpy", "sqlite", "update"],
)
def test_file_is_noticed_however_python_opens_it(project: Path, reading: Callable[[Path], Any]) -> None:
    assert findings(project, lambda: reading(project / "data.csv")) == ["read data.csv"]


def test_relative_path_is_meant_from_the_folder_of_that_moment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def action() -> None:
        monkeypatch.chdir(project / "deep")
        with open("more.csv") as file:  # noqa: PTH123 - a relative path on purpose
            file.read()
        monkeypatch.chdir(project)

    assert findings(project, action) == ["read deep/more.csv"]


def test_hidden_file_counts_and_hidden_folders_settings_and_code_do_not(project: Path) -> None:
    def action() -> None:
        for name in (".env", ".cache/x.csv", "millwright.toml", "a.py"):
            read(project / name)

    assert findings(project, action) == ["read .env"]


def test_declared_and_ignored_files_and_folders_are_passed_over(project: Path) -> None:
    def action() -> None:
        for name in ("data.csv", "deep/more.csv", "stores/x.bin"):
            read(project / name)

    passed = {"declared": [project / "data.csv", project / "deep"], "ignored": [project / "stores"]}
    assert findings(project, action, **passed) == []
    assert findings(project, action, declared=[project / "data"]) == [
        "read data.csv",
        "read deep/more.csv",
        "read stores/x.bin",
    ]


def test_what_the_step_wrote_itself_is_its_own(project: Path) -> None:
    def action() -> None:
        for name in ("out.csv", "data.csv"):
            (project / name).write_text("new")
            age(project / name)
            read(project / name)
        os.close(os.open(project / "native.csv", os.O_WRONLY | os.O_CREAT))
        (project / "native.csv").rename(project / "fresh.csv")
        read(project / "fresh.csv")

    assert findings(project, action) == []


def test_file_or_folder_that_the_code_names_is_taken_as_read_unless_the_step_wrote_it(project: Path) -> None:
    age(project / "deep")
    named = [project / "data.csv", project / "deep", project / "gone.csv", project / "out.csv"]

    def action() -> None:
        (project / "out.csv").write_text("x")

    assert findings(project, action, named=named) == ["read data.csv", "read deep"]
    assert findings(project, action, named=named, declared=named) == []


def test_missing_file_folder_and_descriptor_are_no_findings(project: Path) -> None:
    def action() -> None:
        with pytest.raises(FileNotFoundError):
            read(project / "missing.csv")
        descriptor = os.open(project, os.O_RDONLY)
        with pytest.raises(IsADirectoryError):
            os.fdopen(descriptor)
        os.close(descriptor)

    assert findings(project, action) == []


def test_data_elsewhere_counts_and_libraries_and_temporary_files_do_not(project: Path, tmp_path: Path) -> None:
    def action() -> None:
        (tmp_path / "scratch.txt").write_text("x")
        age(tmp_path / "scratch.txt")
        read(tmp_path / "scratch.txt")
        read(type(project)(json.__file__).with_name("__init__.py"))
        read(type(project)("/etc/hosts"))

    assert findings(project, action) == []
    with Watch("train", project_dir=project / "deep") as watch:
        watch.opened(str(project / "data.csv"), reads=True)
    assert watch.findings == ()  # the project lies in the folder of temporary files


def test_thread_of_the_step_is_watched_and_one_of_another_step_is_not(project: Path) -> None:
    def in_thread(action: Callable[[], Any]) -> None:
        thread = threading.Thread(target=action)
        thread.start()
        thread.join()

    assert findings(project, lambda: in_thread(lambda: read(project / "data.csv"))) == ["read data.csv"]
    other: list[str] = []

    def another_step() -> None:
        other.extend(findings(project, lambda: read(project / "deep" / "more.csv")))

    assert findings(project, lambda: in_thread(another_step)) == []
    assert other == ["read deep/more.csv"]


def test_watch_inside_another_takes_over_until_it_ends(project: Path) -> None:
    inner: list[str] = []

    def action() -> None:
        inner.extend(findings(project, lambda: read(project / ".env")))
        read(project / "data.csv")

    assert findings(project, action) == ["read data.csv"]
    assert inner == ["read .env"]


def test_strict_watch_raises_when_the_step_has_ended_well(project: Path) -> None:
    with (
        pytest.raises(InvalidInputError, match=r"Step 'train' depends on .*: it read data\.csv") as caught,
        Watch("train", project_dir=project, strict=True),
    ):
        read(project / "data.csv")
    assert "mw.external('data.csv')" in caught.value.hint


def test_strict_watch_leaves_the_error_of_a_step_that_failed(project: Path) -> None:
    def fail() -> None:
        read(project / "data.csv")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        findings(project, fail, strict=True)
    assert findings(project, lambda: None, strict=True) == []


def test_many_files_are_told_in_short(project: Path) -> None:
    paths = [project / f"{number}.csv" for number in range(50)]
    for path in paths:
        path.write_text("1")
        age(path)

    def action() -> None:
        for path in paths:
            read(path)

    found = findings(project, action)
    assert len(found) == 21
    assert found[-1].startswith("read 30 more files")


def test_program_under_the_name_that_multiprocessing_gives_it_is_no_import(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "program.py").write_text("")
    # The test's own process may have none: a worker of a parallel run comes from a command line.
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(project / "program.py"), raising=False)
    monkeypatch.delitem(sys.modules, "__mp_main__", raising=False)

    def action() -> None:
        importlib.reload(multiprocessing)  # as the first import does, which many libraries make in a step
        assert sys.modules["__mp_main__"] is sys.modules["__main__"]

    assert findings(project, action) == []


def test_module_that_is_imported_by_a_name_made_at_run_time_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("watched_late", "watched_known"):
        (project / f"{name}.py").write_text("")
    monkeypatch.syspath_prepend(project)

    def action() -> None:
        importlib.import_module("watched_late")
        importlib.import_module("watched_known")
        importlib.import_module("colorsys")  # the standard library's

    try:
        found = findings(project, action, modules={"watched_known"})
        assert found == ["imported watched_late by a name made at run time"]
        assert findings(project, action) == []  # loaded before this step began
    finally:
        for name in ("watched_late", "watched_known"):
            sys.modules.pop(name, None)
