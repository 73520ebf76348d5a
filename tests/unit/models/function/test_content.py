from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError, UnsafeArtifactError
from millwright.models.archive import read_archive, write_archive
from millwright.models.function.content import DESCRIPTION, FunctionContent, content_of

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.models.function import PythonFunction


def test_content_comes_back_from_its_bytes_which_are_the_same_each_time(delay: PythonFunction) -> None:
    content = content_of(delay)

    assert FunctionContent.from_bytes(content.to_bytes()) == content
    assert content_of(delay).to_bytes() == content.to_bytes()
    assert (content.name, set(content.artifacts)) == ("Delay", {"weights.json"})


def test_versions_of_imported_and_of_named_packages_are_kept(delay: PythonFunction) -> None:
    packages = content_of(replace(delay, packages=("polars",))).packages

    assert packages == {name: version(name) for name in ("numpy", "polars", "scikit-learn")}


def test_single_file_may_be_the_artifacts(delay: PythonFunction, tmp_path: Path) -> None:
    content = content_of(replace(delay, artifacts=tmp_path / "artifacts" / "weights.json"))

    assert set(content.artifacts) == {"weights.json"}


def test_what_is_not_there_is_told(delay: PythonFunction, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="artifacts"):
        content_of(replace(delay, artifacts=tmp_path / "nowhere"))
    with pytest.raises(InvalidInputError, match="Expected the package 'no-such-thing' installed here"):
        content_of(replace(delay, packages=("no-such-thing",)))
    with pytest.raises(InvalidInputError, match="Expected params of JSON values"):
        content_of(replace(delay, params={"x": object()})).to_bytes()


def test_changed_code_and_crafted_archives_are_refused(delay: PythonFunction) -> None:
    members = read_archive(content_of(delay).to_bytes(), what="it")

    with pytest.raises(IntegrityError, match="differs from its digest"):
        FunctionContent.from_bytes(write_archive({**members, "code/scorer.py": b"import os\n"}))
    with pytest.raises(IntegrityError, match="none that reads"):
        FunctionContent.from_bytes(write_archive({**members, DESCRIPTION: b"{}"}))
    with pytest.raises(UnsafeArtifactError, match="leaves the archive"):
        FunctionContent.from_bytes(write_archive({**members, "artifacts/../../x": b""}))
