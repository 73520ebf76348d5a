from __future__ import annotations

import pytest


@pytest.fixture
def other(tmp_path):
    folder = tmp_path / "its own"
    folder.mkdir()
    return folder


def test_hints_repeat_the_workspace_and_the_profile_of_the_call(tmp_path, other, mw):
    out = mw(tmp_path, "-w", str(other), "models", "list").out
    assert f"mw --workspace '{other}' fit data.csv --target column" in out
    (other / "millwright.toml").write_text("[profile.team]\n", encoding="utf-8")
    out = mw(tmp_path, "-w", str(other), "--profile", "team", "models", "list").out
    assert f"mw --workspace '{other}' --profile team demo" in out
    assert "Next: mw fit" in mw(tmp_path, "models", "list").out


def test_hints_leave_out_what_the_environment_says(tmp_path, other, mw, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_HOME", str(other))
    assert "Next: mw fit" in mw(tmp_path, "models", "list").out
