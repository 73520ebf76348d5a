from __future__ import annotations

import os

import pytest

from millwright.core.errors import NotFoundError
from millwright.workspace.location import actor_name, find_project, find_workspace, name_workspace, store_urls
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


def test_workspace_that_is_named_by_its_data_is_the_project_around_it(tmp_path, monkeypatch):
    (tmp_path / ".millwright").mkdir()
    (tmp_path / "millwright.toml").touch()
    monkeypatch.setenv("MILLWRIGHT_HOME", str(tmp_path / ".millwright"))
    assert find_workspace() == tmp_path
    assert find_project(find_workspace()) == tmp_path


def test_workspace_whose_own_folder_has_the_name_of_data_stays_what_it_is(tmp_path, monkeypatch):
    home = tmp_path / ".millwright"
    (home / ".millwright").mkdir(parents=True)
    monkeypatch.setenv("MILLWRIGHT_HOME", str(home))
    assert find_workspace() == home


def test_project_file_of_the_workspace_wins_over_that_of_the_folder_above(tmp_path):
    (tmp_path / "millwright.toml").touch()
    folder = tmp_path / "work"
    folder.mkdir()
    assert find_project(folder) == tmp_path
    (folder / "millwright.toml").touch()
    assert find_project(folder) == folder


def test_project_file_of_another_workspace_is_not_taken(tmp_path, monkeypatch):
    other, folder = tmp_path / "other", tmp_path / "other" / "work"
    folder.mkdir(parents=True)
    (other / "millwright.toml").touch()
    (other / ".millwright").mkdir()
    monkeypatch.chdir(other)
    monkeypatch.setenv("MILLWRIGHT_HOME", str(folder))
    assert find_project(folder) == folder


def test_project_file_is_looked_for_from_here_only_for_the_workspace_that_was_named(tmp_path, monkeypatch):
    project, folder = tmp_path / "project", tmp_path / "stores"
    (project / "inner").mkdir(parents=True)
    folder.mkdir()
    (project / "millwright.toml").touch()
    monkeypatch.chdir(project / "inner")
    assert find_project(folder) == folder
    monkeypatch.setenv("MILLWRIGHT_HOME", str(folder))
    assert find_project(folder) == project


def test_what_is_started_elsewhere_knows_the_workspace_and_the_project_that_were_named_here(tmp_path, monkeypatch):
    project = tmp_path / "project"
    (project / "stores" / "work").mkdir(parents=True)
    (project / "millwright.toml").touch()
    monkeypatch.setenv("MILLWRIGHT_HOME", "")
    monkeypatch.delenv("MILLWRIGHT_PROJECT", raising=False)
    monkeypatch.chdir(project)
    name_workspace("stores/work")
    try:
        monkeypatch.chdir(tmp_path)
        assert find_project(find_workspace()) == project
    finally:
        del os.environ["MILLWRIGHT_PROJECT"]


def test_project_that_is_named_and_has_no_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_HOME", str(tmp_path))
    monkeypatch.setenv("MILLWRIGHT_PROJECT", str(tmp_path / "gone"))
    with pytest.raises(NotFoundError, match="MILLWRIGHT_PROJECT names"):
        find_project(tmp_path)
