from __future__ import annotations

import platform
import re
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from millwright.tracking.environment import capture_environment, installed_packages
from millwright.version import __version__

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_environment_names_the_interpreter_and_this_package() -> None:
    found = capture_environment()
    assert found.python == platform.python_version()
    assert found.millwright == __version__
    assert platform.machine() in found.platform


def test_packages_are_those_that_the_metadata_says() -> None:
    expected = {f"{re.sub(r'[-_.]+', '-', found.name).lower()}=={found.version}" for found in distributions()}
    assert set(installed_packages()) == expected
    assert list(installed_packages()) == sorted(installed_packages())


def test_package_installed_twice_counts_once_with_the_version_that_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, version in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / folder / f"Some.Package-{version}.dist-info").mkdir(parents=True)
    monkeypatch.setattr("sys.path", [str(tmp_path / "first"), str(tmp_path / "second"), str(tmp_path / "none")])
    assert installed_packages() == ("some-package==2.0",)
