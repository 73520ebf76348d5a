"""Entry points of installed packages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from millwright.core.extension import entry_points

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_entry_points_of_a_package_are_found_once_it_can_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[millwright.things]\nfirst = json:dumps\n")
    assert entry_points("millwright.things") == ()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (entry,) = entry_points("millwright.things")
    assert (entry.name, entry.load()([1])) == ("first", "[1]")
    assert entry_points("millwright.things") is entry_points("millwright.things")
    assert entry_points("millwright.others") == ()
