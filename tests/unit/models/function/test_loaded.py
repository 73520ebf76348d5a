from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError, ModelFailedError
from millwright.models.function.content import content_of
from millwright.models.function.loaded import LoadedFunction
from unit.models.functions import ROWS, delay_module

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.models.function import PythonFunction


def test_loaded_function_answers_with_its_artifacts_and_params(delay: PythonFunction) -> None:
    loaded = LoadedFunction(content_of(delay).to_bytes())

    assert loaded.answer(ROWS).tolist() == [20.0, 22.0, float(2**53 + 1)]


def test_versions_of_one_function_answer_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delay: PythonFunction
) -> None:
    first = LoadedFunction(content_of(delay).to_bytes())
    changed = delay_module(tmp_path / "new", monkeypatch, change=("weighing.NOTHING", "1000"))
    second = LoadedFunction(content_of(replace(delay, model=changed.Delay)).to_bytes())

    assert second.answer(ROWS)[0] - first.answer(ROWS)[0] == 1000


def test_folder_of_artifacts_goes_with_the_model(delay: PythonFunction, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    loaded = LoadedFunction(content_of(delay).to_bytes())
    assert len(list((tmp_path / "temporary").rglob("weights.json"))) == 1

    del loaded
    gc.collect()

    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("raise", r"fails when it predicts: ValueError: no idea \(scorer\.py, line \d+\)"),
        ("text", "Expected numbers from Wrong.predict, found list"),
    ],
)
def test_failing_code_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delay: PythonFunction, what: str, told: str
) -> None:
    module = delay_module(tmp_path, monkeypatch)
    loaded = LoadedFunction(content_of(replace(delay, model=module.Wrong, params={"what": what})).to_bytes())

    with pytest.raises(ModelFailedError, match=told):
        loaded.answer(ROWS)


def test_code_that_does_not_load_leaves_nothing_behind(delay: PythonFunction, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    with pytest.raises(ModelFailedError, match=r"fails when it is loaded: FileNotFoundError.*\(scorer\.py, line \d+\)"):
        LoadedFunction(content_of(replace(delay, artifacts=None)).to_bytes())
    assert not list((tmp_path / "temporary").iterdir())


def test_packages_that_are_missing_are_named(delay: PythonFunction) -> None:
    content = replace(content_of(delay), packages={"numpy": "2.0", "no-such-thing": "1.2"})

    with pytest.raises(
        ConfigurationError, match=r"not installed: no-such-thing==1\.2\..*pip install no-such-thing==1\.2"
    ):
        LoadedFunction(content.to_bytes())
