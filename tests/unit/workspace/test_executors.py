from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.workspace.executors import opener
from millwright.workspace.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path


def test_side_is_opened_with_the_same_stores(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, overrides={"artifacts": str(tmp_path / "elsewhere")})
    side = opener(tmp_path, settings).open()
    digest = side.artifacts.put(b"there")
    assert (tmp_path / "elsewhere").is_dir()
    assert side.artifacts.get(digest) == b"there"
    assert "Tracker" in {kind.__name__ for kind in side.services}
