from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.cli.monitor_option import complete_monitor

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("typed", "found"), [("", ["daily", "hourly"]), ("h", ["hourly"]), ("x", [])])
def test_declared_monitors_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, found: list[str]):
    declared = '[monitors.hourly]\nendpoint = "delay"\n[monitors.daily]\nendpoint = "delay"\n'
    (tmp_path / "millwright.toml").write_text(declared, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert complete_monitor(typed) == found


def test_nothing_is_completed_of_a_project_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "millwright.toml").write_text("[monitors.hourly", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert complete_monitor("") == []
