"""Loading a project leaves nothing behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _modules_are_left_as_they_were(_no_settings_of_the_developer: None) -> Iterator[None]:
    before, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    assert sys.path == path
    assert sys.meta_path == finders
    left = [
        name for name in set(sys.modules) - before if name.startswith(("_millwright_", "helper", "pipeline", "project"))
    ]
    assert left == []
