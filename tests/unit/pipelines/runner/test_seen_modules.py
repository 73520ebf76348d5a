from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.pipelines.runner.seen_modules import SeenModules

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_only_the_projects_modules_are_among_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "seen_once.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("seen_once")

    seen = SeenModules(["json", "polars", "seen_once"])

    assert (len(seen), list(seen), "seen_once" in seen, "json" in seen) == (1, ["seen_once"], True, False)
