from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError
from millwright.workspace.location import actor_name, find_workspace, store_urls
from millwright.workspace.settings import Settings


def test_workspace_is_the_nearest_folder_upwards_with_a_project_file(tmp_path, monkeypatch):
    monkeypatch.delenv("MILLWRIGHT_HOME", raising=False)
    (tmp_path / "millwright.toml").touch()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_workspace(inner) == tmp_path


def test_workspace_is_a_folder_that_holds_stores(tmp_path, monkeypatch):
    monkeypatch.delenv("MILLWRIGHT_HOME", raising=False)
    (tmp_path / ".millwright").mkdir()
    assert find_workspace(tmp_path) == tmp_path


def test_named_workspace_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_HOME", str(tmp_path))
    assert find_workspace() == tmp_path


def test_named_workspace_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_HOME", str(tmp_path / "gone"))
    with pytest.raises(NotFoundError, match="does not exist"):
        find_workspace()


def test_stores_are_inside_the_workspace_unless_set(tmp_path):
    urls = store_urls(tmp_path, Settings(artifacts="s3://bucket/a"))
    assert urls.records == f"sqlite:///{tmp_path}/.millwright/millwright.db"
    assert urls.artifacts == "s3://bucket/a"


def test_actor_is_the_setting_or_the_user():
    assert actor_name(Settings(actor="ann")) == "ann"
    assert actor_name(Settings()) != ""
