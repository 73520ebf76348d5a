from __future__ import annotations

import json

import pytest

from millwright.cli.bundle import bundle_folder, serving_place
from millwright.core.errors import InvalidInputError


@pytest.fixture
def exported(trained_once, mw, tmp_path):
    """The folder of an exported model."""
    answer = mw(trained_once, "export", "docker", "late-visit@champion", "--to", str(tmp_path / "out"))
    assert answer.code == 0, answer.err
    return tmp_path / "out" / "model"


def test_folder_is_told_from_a_name(exported, tmp_path):
    assert bundle_folder(str(exported)) == exported
    assert bundle_folder(f"late={exported}") == exported
    assert bundle_folder("late-visit@1") is None
    assert bundle_folder(str(tmp_path)) is None


def test_exported_model_is_served_from_a_workspace_of_its_own_that_goes_with_it(exported, monkeypatch, tmp_path):
    elsewhere = tmp_path / "team.db"
    monkeypatch.setenv("MILLWRIGHT_STORE", f"sqlite:///{elsewhere}")
    before = {path: path.read_bytes() for path in exported.iterdir()}
    with serving_place([f"late={exported}"]) as place:
        assert place.models == ("late=late-visit@1",)
        assert place.workspace.registry.resolve("late-visit@1").version == 1
        assert place.log_predictions is False
        folder = place.workspace.folder
        assert folder.is_dir()
    assert not folder.exists()
    assert not elsewhere.exists()
    assert {path: path.read_bytes() for path in exported.iterdir()} == before


def test_predictions_are_logged_where_the_variable_says(exported, monkeypatch, tmp_path):
    monkeypatch.setenv("MILLWRIGHT_PREDICTIONS", str(tmp_path / "log"))
    with serving_place([str(exported)]) as place:
        assert place.log_predictions is True
        assert place.models == ("late-visit@1",)


def test_folder_we_are_in_is_served_when_none_is_named(exported, monkeypatch):
    monkeypatch.chdir(exported)
    with serving_place([]) as place:
        assert place.models == ("late-visit@1",)


def test_two_versions_of_a_model_are_served_beside_each_other(exported, tmp_path):
    from millwright.core.ids import new_id

    described = json.loads((exported / "bundle.json").read_text(encoding="utf-8"))
    described["record"] |= {"version": 2, "id": new_id()}
    other = tmp_path / "two"
    other.mkdir()
    (other / "bundle.json").write_text(json.dumps(described), encoding="utf-8")
    (other / "package.zip").write_bytes((exported / "package.zip").read_bytes())
    with serving_place([f"new={other}", f"old={exported}"]) as place:
        assert place.models == ("new=late-visit@2", "old=late-visit@1")
        assert [each.version for each in place.workspace.stores.models.list_versions("late-visit")] == [2, 1]


def test_names_and_folders_together_are_refused(exported):
    with pytest.raises(InvalidInputError, match="found both"), serving_place([str(exported), "late-visit"]):
        pass


def test_nothing_named_and_nothing_here_is_told(trained_once, mw):
    answer = mw(trained_once, "serve")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "mw serve NAME@ALIAS" in answer.err
