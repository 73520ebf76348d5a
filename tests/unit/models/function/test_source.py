from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.function import PythonModel
from millwright.models.function.source import collect_source
from unit.models.functions import delay_module

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.models.function import PythonFunction


def test_source_is_what_the_module_imports_from_beside_it_and_nothing_else(delay: PythonFunction) -> None:
    source = collect_source(delay.model)

    assert source.module == "scorer"
    assert set(source.files) == {
        "scorer.py",
        *(f"parts/{name}.py" for name in ("__init__", "weights", "late", "words")),
    }
    assert source.imported == {"numpy", "sklearn"}


def test_module_inside_a_package_brings_the_packages_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {
        "scorers/__init__.py": "",
        "scorers/models/__init__.py": "",
        "scorers/models/scorer.py": (
            "from millwright.models.function import PythonModel\nfrom ..shared import ONE\nfrom .. import tables\n"
            "class One(PythonModel):\n    def predict(self, frame, params):\n        return [ONE] * len(frame)\n"
        ),
        "scorers/shared.py": "ONE = 1.0\n",
        "scorers/tables.py": "",
        "scorers/training.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    from scorers.models.scorer import One  # type: ignore[import-not-found]

    source = collect_source(One)

    assert source.module == "scorers.models.scorer"
    assert set(source.files) == {
        "scorers/__init__.py", "scorers/models/__init__.py", "scorers/models/scorer.py",
        "scorers/shared.py", "scorers/tables.py",
    }  # fmt: skip


def test_class_without_a_file_of_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Inner(PythonModel):
        def predict(self, frame: Any, params: Any) -> Any:
            return frame, params

    with pytest.raises(InvalidInputError, match=r"at the top level of its module.*Move it out of the function"):
        collect_source(Inner)
    monkeypatch.setattr(Inner, "__module__", "__main__")
    with pytest.raises(InvalidInputError, match=r"the script that is run.*Move the class to a file of its own"):
        collect_source(Inner)
    monkeypatch.setattr(Inner, "__module__", "typed in a notebook")
    with pytest.raises(InvalidInputError, match="found it in no file"):
        collect_source(Inner)


def test_helper_that_is_no_python_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = delay_module(tmp_path, monkeypatch)
    (tmp_path / "code" / "parts" / "late.py").write_text("def late(:\n")

    with pytest.raises(InvalidInputError, match=r"Expected Python in '.*late\.py'"):
        collect_source(module.Delay)
