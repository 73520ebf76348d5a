from __future__ import annotations

from pathlib import Path

import pytest

from millwright.core.errors import InvalidInputError
from millwright.storage.base.folder import changed_source, checked_name


@pytest.mark.parametrize("name", ["", "a", "a/b", "größe 1"])
def test_name_inside_the_folder_is_kept(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["..", "a/../b", "/a", "a//b", "a/", "a\\b", "a\0"])
def test_name_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="inside the folder"):
        checked_name(name)


def test_file_that_changed_is_named() -> None:
    assert "/a/b changed while" in str(changed_source(Path("/a/b")))
